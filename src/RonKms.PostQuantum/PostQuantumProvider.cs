namespace RonKms;

/// <summary>Whose post-quantum algorithms are used. Both give the same bytes for the same secret.</summary>
/// <remarks>A hybrid's classical half is the core's in every case.</remarks>
public enum PostQuantumProvider
{
    /// <summary>A family is the platform's where the platform has it, otherwise managed.</summary>
    Auto,

    /// <summary>Only the platform's; a family that the platform does not have is left out.</summary>
    Platform,

    /// <summary>Only the managed ones of this package.</summary>
    Managed,
}

namespace RonKms.Sealing;

/// <summary>What a sealed record's body holds.</summary>
public enum RecordKind
{
    /// <summary>The secret itself.</summary>
    Secret = 0,

    /// <summary>A hardware backend's handle of the secret.</summary>
    Handle = 1,
}

namespace RonKms.CrashProbe;

/// <summary>What the driver knows of a key version.</summary>
internal sealed class Version(KeyId id, string? importedFrom)
{
    internal KeyId Id { get; } = id;

    /// <summary>The label of the key that was imported, where it was.</summary>
    internal string? ImportedFrom { get; } = importedFrom;

    internal KeyState State { get; set; }

    /// <summary>A signature or an envelope that was made with it after some earlier crash.</summary>
    internal byte[]? Product { get; set; }

    /// <summary>The same version in another state.</summary>
    internal Version In(KeyState state) => new(Id, ImportedFrom) { State = state, Product = Product };
}

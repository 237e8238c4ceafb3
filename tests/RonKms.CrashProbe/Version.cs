namespace RonKms.CrashProbe;

/// <summary>What the driver knows of a key version.</summary>
internal sealed class Version(KeyId id, string label)
{
    internal KeyId Id { get; } = id;

    internal string Label { get; } = label;

    internal KeyState State { get; set; }

    /// <summary>A signature or an envelope that was made with it after some earlier crash.</summary>
    internal byte[]? Product { get; set; }
}

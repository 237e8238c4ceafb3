using System.Globalization;

namespace RonKms.Tests;

/// <summary>A key version of the model, with what the keystore made with it while it could.</summary>
internal sealed class ModelVersion(KeyId id, long createdAtMs, long notAfterMs, bool imported)
{
    internal KeyId Id { get; } = id;

    internal long CreatedAtMs { get; } = createdAtMs;

    internal long NotAfterMs { get; } = notAfterMs;

    internal bool IsImported { get; } = imported;

    internal KeyState State { get; set; }

    /// <summary>A signature, a code, an envelope or a ciphertext.</summary>
    internal byte[] Product { get; set; } = [];

    /// <summary>What a ciphertext was made with.</summary>
    internal byte[] SharedSecret { get; set; } = [];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} {State}");
}

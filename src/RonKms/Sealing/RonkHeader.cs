namespace RonKms.Sealing;

/// <summary>The part of a sealed record that is not secret: bytes 0 to 54 + n.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 1.</remarks>
internal readonly ref struct RonkHeader
{
    internal const int NonceSize = 12;

    internal required KeyAlgorithm Algorithm { get; init; }

    internal required long CreatedAtMs { get; init; }

    /// <summary>0 where the version does not expire.</summary>
    internal required long NotAfterMs { get; init; }

    internal required Guid Key { get; init; }

    internal required ReadOnlySpan<byte> PublicKey { get; init; }

    internal required ReadOnlySpan<byte> Nonce { get; init; }

    internal int Size => RonkCodec.HeaderSize(PublicKey.Length);
}

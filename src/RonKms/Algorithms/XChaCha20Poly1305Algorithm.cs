namespace RonKms.Algorithms;

/// <summary>XChaCha20-Poly1305 by libsodium. Key 32 bytes, nonce 24, tag 16.</summary>
/// <remarks>
/// Constant-time: additions, rotations and exclusive-or alone. Does not commit to its key.
/// Source: draft-irtf-cfrg-xchacha-03; RFC 8439.
/// </remarks>
public sealed class XChaCha20Poly1305Algorithm : AeadAlgorithm
{
    /// <summary>Creates the implementation.</summary>
    public XChaCha20Poly1305Algorithm()
        : base(KeyAlgorithm.ChaCha20Poly1305)
    {
    }

    /// <inheritdoc/>
    public override string Provider => "libsodium";

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => true;

    /// <inheritdoc/>
    protected override AeadKey OpenCore(ReadOnlySpan<byte> secret) => new XChaCha20Poly1305Key(this, secret);
}

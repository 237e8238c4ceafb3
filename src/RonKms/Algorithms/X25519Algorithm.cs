using RonKms.Interop;

namespace RonKms.Algorithms;

/// <summary>X25519 as a key encapsulation mechanism: DHKEM(X25519, HKDF-SHA256), X25519 by libsodium.</summary>
/// <remarks>
/// Secret, public key, ciphertext (RFC 9180's enc) and shared secret 32 bytes each. An all-zero Diffie-Hellman value, which
/// only a small-order point gives, is refused on both sides. Constant-time: libsodium's ladder, then HMAC-SHA-256.
/// Source: RFC 7748, section 5; RFC 9180, section 4.1; KEM identifier 0x0020.
/// </remarks>
public sealed class X25519Algorithm : KemAlgorithm
{
    /// <summary>Creates the implementation.</summary>
    public X25519Algorithm()
        : base(KeyAlgorithm.X25519)
    {
    }

    /// <inheritdoc/>
    public override string Provider => "libsodium";

    /// <inheritdoc/>
    public override int CiphertextSize => DhKem.PublicKeySize;

    /// <inheritdoc/>
    public override int SharedSecretSize => DhKem.SharedSecretSize;

    /// <inheritdoc/>
    public override ushort? HpkeKemId => 0x0020;

    /// <inheritdoc/>
    public override HpkeAead DefaultHpkeAead => HpkeAead.Aes256Gcm;

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) =>
        Rfc8410.ExportSubjectPublicKeyInfo(Rfc8410.X25519, publicKey);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) =>
        Rfc8410.ExportJwk("X25519", publicKey);

    /// <inheritdoc/>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8) => Rfc8410.ImportPkcs8(this, Rfc8410.X25519, pkcs8);

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        Libsodium.Check(
            Libsodium.crypto_scalarmult_curve25519_base(publicKey, secret), nameof(Libsodium.crypto_scalarmult_curve25519_base));
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>Refuses small-order points alone: RFC 7748 takes every other string of 32 bytes, non-canonical ones too.</remarks>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey)
    {
        // Any scalar is a multiple of the cofactor once clamped, so that the product is zero exactly for small orders.
        Span<byte> scalar = stackalloc byte[DhKem.PublicKeySize];
        Span<byte> product = stackalloc byte[DhKem.PublicKeySize];
        scalar.Clear();
        return Libsodium.crypto_scalarmult_curve25519(product, scalar, publicKey) == 0;
    }

    /// <inheritdoc/>
    protected override DecapsulationKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        new X25519DecapsulationKey(this, secret, publicKey);

    /// <inheritdoc/>
    protected override bool TryEncapsulateCore(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        using SecretBytes ephemeral = SecretBytes.Allocate(DhKem.PublicKeySize);
        Entropy.Fill(ephemeral.Reveal());
        return DhKem.TryEncapsulate(publicKey, ephemeral.Reveal(), ciphertext, sharedSecret);
    }
}

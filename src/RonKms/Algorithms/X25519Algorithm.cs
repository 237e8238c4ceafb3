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

    /// <summary>The function X25519 alone, for mechanisms that are built on it: RFC 7748, section 5. No key exchange by itself: nothing is hashed.</summary>
    /// <param name="scalar">The scalar, 32 bytes; clamped as the function says.</param>
    /// <param name="point">The point, any 32 bytes.</param>
    /// <param name="product">Receives the product, 32 bytes; the caller wipes it.</param>
    /// <returns><see langword="false"/> where the point has small order, so that the product is all zeros whatever the scalar.</returns>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public static bool Multiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point, Span<byte> product)
    {
        if (scalar.Length != DhKem.PublicKeySize || point.Length != DhKem.PublicKeySize || product.Length != DhKem.PublicKeySize)
        {
            throw new ArgumentException($"X25519 takes and gives {DhKem.PublicKeySize} bytes.");
        }

        if (Libsodium.crypto_scalarmult_curve25519(product, scalar, point) == 0)
        {
            return true;
        }

        // Refused points leave the product as it was.
        product.Clear();
        return false;
    }

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
        return Multiply(scalar, publicKey, product);
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

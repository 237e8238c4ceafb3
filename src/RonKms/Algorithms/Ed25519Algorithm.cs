using RonKms.Interop;

namespace RonKms.Algorithms;

/// <summary>Ed25519 signatures, pure, by libsodium.</summary>
/// <remarks>
/// Seed and public key 32 bytes, signature 64 bytes. Verification is without cofactor and compares R as bytes; small-order A or R,
/// non-canonical encodings and S ≥ L are refused. Constant-time: libsodium's scalar arithmetic and table look-ups on secrets
/// have no secret-dependent branch or address. Source: RFC 8032, section 5.1.
/// </remarks>
public sealed class Ed25519Algorithm : SignatureAlgorithm
{
    /// <summary>Creates the implementation.</summary>
    public Ed25519Algorithm()
        : base(KeyAlgorithm.Ed25519)
    {
    }

    /// <inheritdoc/>
    public override string Provider => "libsodium";

    /// <inheritdoc/>
    public override int MaxSignatureSize => Libsodium.crypto_sign_ed25519_BYTES;

    // The encoding of the neutral element (0, 1).
    private static ReadOnlySpan<byte> Neutral => [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) =>
        Rfc8410.ExportSubjectPublicKeyInfo(Rfc8410.Ed25519, publicKey);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) =>
        Rfc8410.ExportJwk("Ed25519", publicKey);

    /// <inheritdoc/>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8) => Rfc8410.ImportPkcs8(this, Rfc8410.Ed25519, pkcs8);

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        using SecretBytes expanded = SecretBytes.Allocate(Libsodium.crypto_sign_ed25519_SECRETKEYBYTES);
        Libsodium.Check(
            Libsodium.crypto_sign_ed25519_seed_keypair(publicKey, expanded.Reveal(), secret), nameof(Libsodium.crypto_sign_ed25519_seed_keypair));
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// <see langword="true"/> exactly for the keys under which a signature can verify: canonical, on the curve, not of small order.
    /// A key with a small-order component is among them, as it is in RFC 8032; no honest key generation makes one.
    /// </remarks>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey)
    {
        if (!IsCanonical(publicKey))
        {
            return false;
        }

        // The cofactor is 8: a point has small order exactly where three doublings lead to the neutral element.
        Span<byte> point = stackalloc byte[Libsodium.crypto_core_ed25519_BYTES];
        publicKey.CopyTo(point);
        for (int i = 0; i < 3; i++)
        {
            if (Libsodium.crypto_core_ed25519_add(point, point, point) != 0)
            {
                return false;
            }
        }

        return !point.SequenceEqual(Neutral);
    }

    /// <inheritdoc/>
    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        new Ed25519SigningKey(this, secret, publicKey);

    /// <inheritdoc/>
    protected override bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options) =>
        signature.Length == Libsodium.crypto_sign_ed25519_BYTES
        && Libsodium.crypto_sign_ed25519_verify_detached(signature, message, (ulong)message.Length, publicKey) == 0;

    // y, the low 255 bits in little-endian order, is below p = 2^255 - 19. Public data, so branches are no matter.
    private static bool IsCanonical(ReadOnlySpan<byte> point)
    {
        if ((point[31] & 0x7F) != 0x7F || point[0] < 0xED)
        {
            return true;
        }

        return point[1..31].ContainsAnyExcept((byte)0xFF);
    }
}

using System.Security.Cryptography;
using RonKms.Interop;

namespace RonKms.Algorithms;

/// <summary>DHKEM(X25519, HKDF-SHA256), step by step. Source: RFC 9180, section 4.1.</summary>
internal static class DhKem
{
    /// <summary>Npk and Nenc, and the size of a scalar and of a Diffie-Hellman value, in bytes.</summary>
    internal const int PublicKeySize = 32;

    /// <summary>Nsecret in bytes.</summary>
    internal const int SharedSecretSize = 32;

    private const int HashSize = 32;

    // "HPKE-v1" ‖ suite_id, which is "KEM" ‖ 0x0020, ‖ the label.
    private static ReadOnlySpan<byte> ExtractLabel => "HPKE-v1KEM\0\u0020eae_prk"u8;

    // I2OSP(32, 2) ‖ "HPKE-v1" ‖ suite_id ‖ the label.
    private static ReadOnlySpan<byte> ExpandLabel => "\0\u0020HPKE-v1KEM\0\u0020shared_secret"u8;

    /// <summary>Encap(pkR) with a given ephemeral key, which must be fresh and is the caller's to wipe.</summary>
    /// <param name="publicKey">pkR.</param>
    /// <param name="ephemeral">skE.</param>
    /// <param name="enc">Receives pkE.</param>
    /// <param name="sharedSecret">Receives the shared secret.</param>
    /// <returns><see langword="false"/> where the public key has small order.</returns>
    internal static bool TryEncapsulate(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> ephemeral, Span<byte> enc, Span<byte> sharedSecret)
    {
        Libsodium.Check(
            Libsodium.crypto_scalarmult_curve25519_base(enc, ephemeral), nameof(Libsodium.crypto_scalarmult_curve25519_base));
        return TryDerive(ephemeral, publicKey, enc, publicKey, sharedSecret);
    }

    /// <summary>Decap(enc, skR).</summary>
    /// <param name="scalar">skR.</param>
    /// <param name="publicKey">pkR.</param>
    /// <param name="enc">The encapsulation.</param>
    /// <param name="sharedSecret">Receives the shared secret.</param>
    /// <returns><see langword="false"/> where the encapsulation has small order.</returns>
    internal static bool TryDecapsulate(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> enc, Span<byte> sharedSecret) =>
        TryDerive(scalar, enc, enc, publicKey, sharedSecret);

    // dh = DH(scalar, point); shared_secret = ExtractAndExpand(dh, enc ‖ pkR).
    private static bool TryDerive(
        ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point, ReadOnlySpan<byte> enc, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret)
    {
        Span<byte> labeledIkm = stackalloc byte[ExtractLabel.Length + PublicKeySize];
        Span<byte> labeledInfo = stackalloc byte[ExpandLabel.Length + (2 * PublicKeySize)];
        Span<byte> prk = stackalloc byte[HashSize];
        ExtractLabel.CopyTo(labeledIkm);
        ExpandLabel.CopyTo(labeledInfo);
        enc.CopyTo(labeledInfo[ExpandLabel.Length..]);
        publicKey.CopyTo(labeledInfo[^PublicKeySize..]);
        try
        {
            if (Libsodium.crypto_scalarmult_curve25519(labeledIkm[ExtractLabel.Length..], scalar, point) != 0)
            {
                return false;
            }

            HKDF.Extract(HashAlgorithmName.SHA256, labeledIkm, salt: [], prk);
            HKDF.Expand(HashAlgorithmName.SHA256, prk, sharedSecret, labeledInfo);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(labeledIkm);
            CryptographicOperations.ZeroMemory(prk);
        }
    }
}

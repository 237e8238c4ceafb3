using RonKms.Algorithms;
using RonKms.Interop;

namespace RonKms.Capabilities.Chain;

/// <summary>The verification id of a third-party caveat: the discharge's key, encrypted under the signature that the caveat is added to.</summary>
/// <remarks>
/// XSalsa20-Poly1305 (libsodium's secretbox): nonce 24 ‖ tag 16 ‖ ciphertext 32 bytes. libmacaroons itself writes a nonce of zeros, which is safe
/// only as long as no signature gets two caveats; here it is random, which libmacaroons reads as well. Constant-time by libsodium.
/// </remarks>
internal static class VerificationId
{
    internal const int Size = Libsodium.crypto_secretbox_NONCEBYTES + Libsodium.crypto_secretbox_MACBYTES + MacaroonHash.Size;

    internal static byte[] Seal(ReadOnlySpan<byte> dischargeKey, ReadOnlySpan<byte> signature)
    {
        Span<byte> nonce = stackalloc byte[Libsodium.crypto_secretbox_NONCEBYTES];
        Entropy.Fill(nonce);
        return Seal(dischargeKey, signature, nonce);
    }

    internal static byte[] Seal(ReadOnlySpan<byte> dischargeKey, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> nonce)
    {
        byte[] sealedKey = new byte[Size];
        nonce.CopyTo(sealedKey);
        Libsodium.Check(
            Libsodium.crypto_secretbox_easy(sealedKey.AsSpan(nonce.Length), dischargeKey, (ulong)dischargeKey.Length, nonce, signature),
            nameof(Libsodium.crypto_secretbox_easy));
        return sealedKey;
    }

    /// <summary>Opens a verification id. Nothing is written where it was made otherwise.</summary>
    internal static bool TryOpen(ReadOnlySpan<byte> sealedKey, ReadOnlySpan<byte> signature, Span<byte> dischargeKey)
    {
        if (sealedKey.Length != Size || dischargeKey.Length != MacaroonHash.Size)
        {
            return false;
        }

        ReadOnlySpan<byte> nonce = sealedKey[..Libsodium.crypto_secretbox_NONCEBYTES];
        ReadOnlySpan<byte> box = sealedKey[nonce.Length..];
        return Libsodium.crypto_secretbox_open_easy(dischargeKey, box, (ulong)box.Length, nonce, signature) == 0;
    }
}

using System.Security.Cryptography;

namespace RonKms.Sealing;

/// <summary>AES key wrap with padding (RFC 5649) under a 256-bit key.</summary>
internal static class AesKeyWrap
{
    internal static byte[] Wrap(ReadOnlySpan<byte> kek, ReadOnlySpan<byte> key)
    {
        using Aes aes = Open(kek);
        return aes.EncryptKeyWrapPadded(key);
    }

    internal static bool TryUnwrap(ReadOnlySpan<byte> kek, ReadOnlySpan<byte> wrapped, Span<byte> key)
    {
        // Only a wrapped key of the exact size can be one; anything else would be refused later, and not as clearly.
        if (wrapped.Length != key.Length + 8)
        {
            return false;
        }

        using Aes aes = Open(kek);
        try
        {
            return aes.TryDecryptKeyWrapPadded(wrapped, key, out int written) && written == key.Length;
        }
        catch (CryptographicException)
        {
            CryptographicOperations.ZeroMemory(key);
            return false;
        }
    }

    private static Aes Open(ReadOnlySpan<byte> kek)
    {
        Aes aes = Aes.Create();
        aes.SetKey(kek);
        return aes;
    }
}

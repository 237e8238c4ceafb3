using System.Security.Cryptography;

namespace RonKms.Capabilities.Chain;

/// <summary>The keyed hashes that a macaroon is made of: HMAC-SHA-256, keys and results 32 bytes.</summary>
/// <remarks>Constant-time: SHA-256 has no secret-dependent branch or look-up. Source: libmacaroons, macaroons.c.</remarks>
internal static class MacaroonHash
{
    internal const int Size = 32;

    /// <summary>The key of a chain, from a root key of any length.</summary>
    internal static void DeriveKey(ReadOnlySpan<byte> rootKey, Span<byte> key) => HMACSHA256.HashData("macaroons-key-generator"u8, rootKey, key);

    /// <summary>The next signature after an identifier or a first-party caveat. It may be written over the last one.</summary>
    internal static void Link(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> data, Span<byte> next)
    {
        Span<byte> result = stackalloc byte[Size];
        HMACSHA256.HashData(signature, data, result);
        result.CopyTo(next);
        CryptographicOperations.ZeroMemory(result);
    }

    /// <summary>The next signature after a third-party caveat, or of two signatures. It may be written over the last one.</summary>
    internal static void Link(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> next)
    {
        Span<byte> both = stackalloc byte[2 * Size];
        HMACSHA256.HashData(signature, first, both[..Size]);
        HMACSHA256.HashData(signature, second, both[Size..]);
        Link(signature, both, next);
        CryptographicOperations.ZeroMemory(both);
    }

    /// <summary>The signature of a discharge that is good for one macaroon alone.</summary>
    internal static void Bind(ReadOnlySpan<byte> macaroonSignature, ReadOnlySpan<byte> dischargeSignature, Span<byte> bound)
    {
        // An all-zero key, as libmacaroons has it: this only mixes two values that are secret themselves.
        ReadOnlySpan<byte> zero = stackalloc byte[Size];
        Link(zero, macaroonSignature, dischargeSignature, bound);
    }
}

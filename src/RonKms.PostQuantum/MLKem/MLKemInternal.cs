using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLKem;

/// <summary>ML-KEM with its randomness as an argument: FIPS 203, section 6.</summary>
/// <remarks>
/// Read beside algorithms 16 to 18. Constant time: decapsulation computes both results always, compares without stopping and chooses
/// by a mask. What is left of secrets is wiped.
/// </remarks>
internal static class MLKemInternal
{
    /// <summary>ML-KEM.KeyGen_internal: algorithm 16. z is not needed before a decapsulation.</summary>
    /// <param name="d">d, 32 bytes.</param>
    /// <param name="publicKey">Receives Â and t̂.</param>
    /// <param name="encoded">Receives the encapsulation key.</param>
    /// <param name="s">Receives ŝ; the caller wipes it.</param>
    internal static void KeyGen(ReadOnlySpan<byte> d, EncapsulationKey publicKey, Span<byte> encoded, Span<short> s) =>
        KPke.KeyGen(d, publicKey, encoded, s);

    /// <summary>ML-KEM.Encaps_internal: algorithm 17.</summary>
    /// <param name="publicKey">The encapsulation key.</param>
    /// <param name="hash">H(ek), 32 bytes.</param>
    /// <param name="m">m, 32 random bytes.</param>
    /// <param name="sharedSecret">Receives K, 32 bytes; the caller wipes it.</param>
    /// <param name="c">Receives the ciphertext.</param>
    internal static void Encaps(EncapsulationKey publicKey, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> m, Span<byte> sharedSecret, Span<byte> c)
    {
        Span<byte> r = stackalloc byte[MLKemParameters.SymbolSize];

        // 1: (K, r) ← G(m ‖ H(ek))
        DeriveKeyAndRandomness(m, hash, sharedSecret, r);

        // 2: c ← K-PKE.Encrypt(ek, m, r)
        KPke.Encrypt(publicKey, m, r, c);
        CryptographicOperations.ZeroMemory(r);
    }

    /// <summary>ML-KEM.Decaps_internal: algorithm 18. Steps 1 to 4 are done: dk is given in its parts.</summary>
    /// <param name="publicKey">The encapsulation key.</param>
    /// <param name="hash">H(ek), 32 bytes.</param>
    /// <param name="s">ŝ.</param>
    /// <param name="z">z, 32 bytes.</param>
    /// <param name="c">The ciphertext, of the exact size.</param>
    /// <param name="sharedSecret">Receives K', 32 bytes: for a ciphertext that encapsulation never makes, a value of z and c. Written last: a key that was not yet checked against c is never in it. The caller wipes it.</param>
    internal static void Decaps(
        EncapsulationKey publicKey,
        ReadOnlySpan<byte> hash,
        ReadOnlySpan<short> s,
        ReadOnlySpan<byte> z,
        ReadOnlySpan<byte> c,
        Span<byte> sharedSecret)
    {
        Span<byte> secrets = stackalloc byte[4 * MLKemParameters.SymbolSize];
        Span<byte> m = secrets[..MLKemParameters.SymbolSize];
        Span<byte> r = secrets.Slice(MLKemParameters.SymbolSize, MLKemParameters.SymbolSize);
        Span<byte> key = secrets.Slice(2 * MLKemParameters.SymbolSize, MLKemParameters.SymbolSize);
        Span<byte> rejection = secrets[^MLKemParameters.SymbolSize..];
        Span<byte> again = (stackalloc byte[MLKemParameters.LargestCiphertext])[..publicKey.Parameters.CiphertextSize];

        using Shake j = Shake.Shake256(stackalloc ulong[Shake.StateLanes]);
        try
        {
            // 5: m' ← K-PKE.Decrypt(dk, c)
            KPke.Decrypt(publicKey.Parameters, s, c, m);

            // 6: (K', r') ← G(m' ‖ h)
            DeriveKeyAndRandomness(m, hash, key, r);

            // 7: K̄ ← J(z ‖ c)
            j.Absorb(z);
            j.Absorb(c);
            j.Squeeze(rejection);

            // 8: c' ← K-PKE.Encrypt(ek, m', r')
            KPke.Encrypt(publicKey, m, r, again);

            // 9 to 12: if c ≠ c' then K' ← K̄; K'
            ConstantTime.ReplaceUnlessEqual(c, again, rejection, key);
            key.CopyTo(sharedSecret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secrets);
            CryptographicOperations.ZeroMemory(again);
        }
    }

    private static void DeriveKeyAndRandomness(ReadOnlySpan<byte> m, ReadOnlySpan<byte> hash, Span<byte> key, Span<byte> randomness)
    {
        Span<byte> input = stackalloc byte[2 * MLKemParameters.SymbolSize];
        Span<byte> output = stackalloc byte[2 * MLKemParameters.SymbolSize];
        m.CopyTo(input);
        hash.CopyTo(input[MLKemParameters.SymbolSize..]);
        Sha3.Hash512(input, output);
        output[..MLKemParameters.SymbolSize].CopyTo(key);
        output[MLKemParameters.SymbolSize..].CopyTo(randomness);
        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(output);
    }
}

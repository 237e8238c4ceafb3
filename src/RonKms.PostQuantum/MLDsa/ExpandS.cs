using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The secret vectors s1 and s2 out of the seed ρ′: FIPS 204, algorithms 15, 31 and 33.</summary>
/// <remarks>
/// Constant time but for the places of rejected half-bytes, which the algorithm's run time shows of itself and which say nothing of
/// the accepted ones: every half-byte is turned into a coefficient and written, and the place moves on by 0 or 1. No branch or index
/// depends on a value; the reduction by 5 is a multiplication and a shift. Blocks are wiped.
/// </remarks>
internal static class ExpandS
{
    /// <summary>Algorithm 33, ExpandS.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="rhoPrime">ρ′.</param>
    /// <param name="s1">Receives s1, coefficients from −η to η.</param>
    /// <param name="s2">Receives s2, the same.</param>
    internal static void Fill(MLDsaParameters parameters, ReadOnlySpan<byte> rhoPrime, PolynomialVector s1, PolynomialVector s2)
    {
        for (int r = 0; r < parameters.L; r++)
        {
            RejBoundedPoly(parameters, rhoPrime, (byte)r, s1[r]);
        }

        for (int r = 0; r < parameters.K; r++)
        {
            RejBoundedPoly(parameters, rhoPrime, (byte)(parameters.L + r), s2[r]);
        }
    }

    // Algorithm 31, over H = SHAKE256. The counter is two bytes, little-endian, and below 16.
    private static void RejBoundedPoly(MLDsaParameters parameters, ReadOnlySpan<byte> rhoPrime, byte counter, Span<int> polynomial)
    {
        Span<byte> block = stackalloc byte[Shake.Rate256];
        using Shake h = Shake.Shake256(stackalloc ulong[Shake.StateLanes]);
        h.Absorb(rhoPrime);
        h.Absorb([counter, 0]);
        int found = 0;
        while (found < polynomial.Length)
        {
            h.Squeeze(block);
            found = parameters.Eta == 2 ? AcceptEta2(block, polynomial, found) : AcceptEta4(block, polynomial, found);
        }

        CryptographicOperations.ZeroMemory(block);
    }

    // Algorithm 15, CoeffFromHalfByte, for η = 2: 2 − (b mod 5) for b below 15.
    private static int AcceptEta2(ReadOnlySpan<byte> block, Span<int> polynomial, int found)
    {
        for (int i = 0; i < 2 * block.Length && found < polynomial.Length; i++)
        {
            int b = (block[i >> 1] >> (4 * (i & 1))) & 0xF;
            polynomial[found] = 2 - (b - (((b * 205) >> 10) * 5));
            found += (int)((uint)(b - 15) >> 31);
        }

        return found;
    }

    // The same for η = 4: 4 − b for b below 9.
    private static int AcceptEta4(ReadOnlySpan<byte> block, Span<int> polynomial, int found)
    {
        for (int i = 0; i < 2 * block.Length && found < polynomial.Length; i++)
        {
            int b = (block[i >> 1] >> (4 * (i & 1))) & 0xF;
            polynomial[found] = 4 - b;
            found += (int)((uint)(b - 9) >> 31);
        }

        return found;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The secret vectors s1 and s2 out of the seed ρ′: FIPS 204, algorithms 15, 31 and 33.</summary>
/// <remarks>
/// Constant time but for the places of rejected half-bytes, which the algorithm's run time shows of itself and which say nothing of
/// the accepted ones: every half-byte is turned into a coefficient and written, and the place moves on by 0 or 1; the vector form moves
/// the accepted ones together, by an instruction whose time does not depend on them. No branch or index depends on a value; the reduction
/// by 5 is a multiplication and a shift, or two comparisons. Blocks are wiped.
/// </remarks>
internal static class ExpandS
{
    // What one step of the vector form takes, in half-bytes and in bytes.
    private const int Candidates = 64;
    private const int LoadSize = 32;

    /// <summary>Algorithm 33, ExpandS, with algorithm 31, RejBoundedPoly, over H = SHAKE256 in as many polynomials at once as there are lanes.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="rhoPrime">ρ′.</param>
    /// <param name="s1">Receives s1, coefficients from −η to η.</param>
    /// <param name="s2">Receives s2, the same.</param>
    [SkipLocalsInit]
    internal static void Fill(MLDsaParameters parameters, ReadOnlySpan<byte> rhoPrime, PolynomialVector s1, PolynomialVector s2)
    {
        int polynomials = parameters.L + parameters.K;
        Span<byte> block = stackalloc byte[Shake.Rate256 + LoadSize];
        Span<int> found = stackalloc int[ShakeLanes.MaxCount];
        using ShakeLanes shakes = new(stackalloc ulong[ShakeLanes.StateWords], Shake.Rate256);
        for (int first = 0; first < polynomials; first += ShakeLanes.Count)
        {
            int count = Math.Min(ShakeLanes.Count, polynomials - first);
            shakes.Begin(rhoPrime, suffixSize: 2);
            for (int lane = 0; lane < count; lane++)
            {
                shakes.SetSuffix(lane, rhoPrime.Length, (ushort)(first + lane));
            }

            found.Clear();
            while (found[..count].ContainsAnyExcept(N))
            {
                shakes.Permute();
                for (int lane = 0; lane < count; lane++)
                {
                    int r = first + lane;
                    Span<int> rest = (r < parameters.L ? s1[r] : s2[r - parameters.L])[found[lane]..];
                    shakes.Read(lane, block[..Shake.Rate256]);
                    found[lane] += Avx512Vbmi2.IsSupported
                        ? AcceptVectors(parameters.Eta, block, rest)
                        : Accept(parameters.Eta, block[..Shake.Rate256], rest);
                }
            }
        }

        CryptographicOperations.ZeroMemory(block);
    }

    /// <summary>Algorithm 15, CoeffFromHalfByte, over a block.</summary>
    /// <param name="eta">η.</param>
    /// <param name="block">The block.</param>
    /// <param name="polynomial">Receives coefficients.</param>
    /// <returns>How many were accepted and had room.</returns>
    internal static int Accept(int eta, ReadOnlySpan<byte> block, Span<int> polynomial) =>
        eta == 2 ? AcceptEta2(block, polynomial) : AcceptEta4(block, polynomial);

    /// <summary><see cref="Accept"/>, 64 half-bytes at a time.</summary>
    /// <param name="eta">η.</param>
    /// <param name="block">A block, and as much room behind it as a step loads.</param>
    /// <param name="polynomial">Receives coefficients.</param>
    /// <returns>How many were accepted and had room.</returns>
    internal static int AcceptVectors(int eta, ReadOnlySpan<byte> block, Span<int> polynomial)
    {
        Span<int> accepted = stackalloc int[Candidates];
        int found = 0;
        for (int at = 0; at < Shake.Rate256 && found < polynomial.Length; at += LoadSize)
        {
            Vector256<byte> bytes = Vector256.Create(block.Slice(at, LoadSize));
            (Vector256<ushort> lower, Vector256<ushort> upper) = Vector256.Widen(bytes);
            Vector512<ushort> words = Vector512.Create(lower, upper);
            Vector512<sbyte> b = ((words | (words << 4)) & Vector512.Create((ushort)0x0F0F)).AsSByte();

            // 2 − (b mod 5) for b below 15; 4 − b for b below 9.
            Vector512<sbyte> passes = Vector512.LessThan(b, Vector512.Create((sbyte)(eta == 2 ? 15 : 9)));
            Vector512<sbyte> residue = eta == 4
                ? b
                : b - (Vector512.GreaterThan(b, Vector512.Create((sbyte)4)) & Vector512.Create((sbyte)5))
                    - (Vector512.GreaterThan(b, Vector512.Create((sbyte)9)) & Vector512.Create((sbyte)5));
            if (Shake.Rate256 - at < LoadSize)
            {
                passes &= Vector512.Create(Vector256.Create(Vector128<sbyte>.AllBitsSet, Vector128<sbyte>.Zero), Vector256<sbyte>.Zero);
            }

            Vector512<sbyte> compressed = Avx512Vbmi2.Compress(Vector512<sbyte>.Zero, passes, Vector512.Create((sbyte)eta) - residue);
            int count = BitOperations.PopCount(passes.ExtractMostSignificantBits());
            Span<int> room = polynomial.Length - found >= Candidates ? polynomial.Slice(found, Candidates) : accepted;
            Store(compressed, room);
            if (polynomial.Length - found < Candidates)
            {
                count = Math.Min(count, polynomial.Length - found);
                accepted[..count].CopyTo(polynomial[found..]);
            }

            found += count;
        }

        CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(accepted));
        return found;
    }

    private static void Store(Vector512<sbyte> bytes, Span<int> integers)
    {
        (Vector512<short> lower, Vector512<short> upper) = Vector512.Widen(bytes);
        (Vector512<int> first, Vector512<int> second) = Vector512.Widen(lower);
        (Vector512<int> third, Vector512<int> fourth) = Vector512.Widen(upper);
        first.CopyTo(integers);
        second.CopyTo(integers[16..]);
        third.CopyTo(integers[32..]);
        fourth.CopyTo(integers[48..]);
    }

    // η = 2: 2 − (b mod 5) for b below 15.
    private static int AcceptEta2(ReadOnlySpan<byte> block, Span<int> polynomial)
    {
        int found = 0;
        for (int i = 0; i < 2 * block.Length && found < polynomial.Length; i++)
        {
            int b = (block[i >> 1] >> (4 * (i & 1))) & 0xF;
            polynomial[found] = 2 - (b - (((b * 205) >> 10) * 5));
            found += (int)((uint)(b - 15) >> 31);
        }

        return found;
    }

    // η = 4: 4 − b for b below 9.
    private static int AcceptEta4(ReadOnlySpan<byte> block, Span<int> polynomial)
    {
        int found = 0;
        for (int i = 0; i < 2 * block.Length && found < polynomial.Length; i++)
        {
            int b = (block[i >> 1] >> (4 * (i & 1))) & 0xF;
            polynomial[found] = 4 - b;
            found += (int)((uint)(b - 9) >> 31);
        }

        return found;
    }
}

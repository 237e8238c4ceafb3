using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLKem;

/// <summary>The matrix Â from its seed ρ: FIPS 203, section 4.2.2, algorithm 7.</summary>
/// <remarks>Everything here is public: ρ is a part of the encapsulation key. So the rejection may take what time it takes.</remarks>
internal static class MatrixSampler
{
    // What one step of the vector form takes, and the bytes that it loads for it.
    private const int Candidates = 32;
    private const int LoadSize = 64;

    // Bytes 3i, 3i + 1 for an even candidate, 3i + 1, 3i + 2 for the odd one after it.
    private static ReadOnlySpan<byte> BytesOfCandidates =>
    [
        0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11, 12, 13, 13, 14, 15, 16, 16, 17, 18, 19, 19, 20, 21, 22, 22, 23,
        24, 25, 25, 26, 27, 28, 28, 29, 30, 31, 31, 32, 33, 34, 34, 35, 36, 37, 37, 38, 39, 40, 40, 41, 42, 43, 43, 44, 45, 46, 46, 47,
    ];

    /// <summary>Samples all k² polynomials, row by row.</summary>
    /// <param name="k">The rank.</param>
    /// <param name="rho">ρ, 32 bytes.</param>
    /// <param name="matrix">Receives Â: coefficients from 0 to q - 1.</param>
    [SkipLocalsInit]
    internal static void Sample(int k, ReadOnlySpan<byte> rho, Span<short> matrix)
    {
        // The loops are methods of their own: one with stackalloc beside a loop is compiled with all optimizations on its first call.
        ShakeLanes xofs = new(stackalloc ulong[ShakeLanes.StateWords], Shake.Rate128);
        SampleAll(k, rho, matrix, xofs, stackalloc byte[Shake.Rate128 + LoadSize], stackalloc int[ShakeLanes.MaxCount]);
    }

    /// <summary>Steps 5 to 15 over a block: takes what passes, until there is enough.</summary>
    /// <param name="block">Candidates of 12 bits.</param>
    /// <param name="coefficients">Receives what passes.</param>
    /// <returns>How many passed and found room.</returns>
    internal static int Parse(ReadOnlySpan<byte> block, Span<short> coefficients)
    {
        int taken = 0;
        for (; block.Length >= 3 && taken < coefficients.Length; block = block[3..])
        {
            int d1 = block[0] | ((block[1] & 15) << 8);
            int d2 = (block[1] >> 4) | (block[2] << 4);
            if (d1 < Reduction.Q)
            {
                coefficients[taken++] = (short)d1;
            }

            if (d2 < Reduction.Q && taken < coefficients.Length)
            {
                coefficients[taken++] = (short)d2;
            }
        }

        return taken;
    }

    /// <summary><see cref="Parse"/>, 32 candidates at a time.</summary>
    /// <param name="block">A block, and as much room behind it as a step loads.</param>
    /// <param name="coefficients">Receives what passes.</param>
    /// <returns>How many passed and found room.</returns>
    internal static int ParseVectors(ReadOnlySpan<byte> block, Span<short> coefficients)
    {
        int taken = 0;
        for (int at = 0; at < Shake.Rate128 && taken < coefficients.Length; at += Candidates * 3 / 2)
        {
            Vector512<ushort> pairs = Avx512Vbmi.PermuteVar64x8(
                Vector512.Create(block.Slice(at, LoadSize)), Vector512.Create(BytesOfCandidates)).AsUInt16();
            Vector512<ushort> isOdd = Vector512.Create(0xFFFF0000).AsUInt16();
            Vector512<short> candidates = Vector512.ConditionalSelect(isOdd, pairs >>> 4, pairs & Vector512.Create((ushort)0xFFF)).AsInt16();
            Vector512<short> passes = Vector512.LessThan(candidates, Vector512.Create((short)Reduction.Q));
            if (Shake.Rate128 - at < Candidates * 3 / 2)
            {
                passes &= Vector512.Create(Vector256<short>.AllBitsSet, Vector256<short>.Zero);
            }

            Vector512<short> compressed = Avx512Vbmi2.Compress(Vector512<short>.Zero, passes, candidates);
            int count = BitOperations.PopCount(passes.ExtractMostSignificantBits());
            if (coefficients.Length - taken >= Candidates)
            {
                compressed.CopyTo(coefficients[taken..]);
            }
            else
            {
                count = Math.Min(count, coefficients.Length - taken);
                MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Vector512<short>, short>(ref compressed), count).CopyTo(coefficients[taken..]);
            }

            taken += count;
        }

        return taken;
    }

    private static void SampleAll(
        int k, ReadOnlySpan<byte> rho, Span<short> matrix, ShakeLanes xofs, Span<byte> block, Span<int> found)
    {
        for (int first = 0; first < k * k; first += ShakeLanes.Count)
        {
            int count = Math.Min(ShakeLanes.Count, (k * k) - first);

            // Steps 1 and 2: B = ρ ‖ j ‖ i.
            xofs.Begin(rho, suffixSize: 2);
            for (int lane = 0; lane < count; lane++)
            {
                (int i, int j) = Math.DivRem(first + lane, k);
                xofs.SetSuffix(lane, rho.Length, (ushort)(j | (i << 8)));
            }

            found.Clear();
            while (found[..count].ContainsAnyExcept(Polynomial.Size))
            {
                xofs.Permute();
                for (int lane = 0; lane < count; lane++)
                {
                    xofs.Read(lane, block[..Shake.Rate128]);
                    Span<short> rest = Polynomial.At(matrix, first + lane)[found[lane]..];
                    found[lane] += Avx512Vbmi2.IsSupported ? ParseVectors(block, rest) : Parse(block[..Shake.Rate128], rest);
                }
            }
        }
    }
}

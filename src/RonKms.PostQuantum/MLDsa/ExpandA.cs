using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RonKms.PostQuantum.Keccak;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The matrix Â out of the seed ρ: FIPS 204, algorithms 14, 30 and 32.</summary>
/// <remarks>Not constant time and need not be: ρ is in the public key, and so is all that follows from it.</remarks>
internal static class ExpandA
{
    // The bytes of a candidate, what one step of the vector form takes, and the bytes that it loads for it.
    private const int CandidateSize = 3;
    private const int Candidates = 16;
    private const int LoadSize = 64;

    // Three bytes and one that is masked off, for each candidate.
    private static ReadOnlySpan<byte> BytesOfCandidates =>
    [
        0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11, 12, 13, 14, 14, 15, 16, 17, 17, 18, 19, 20, 20, 21, 22, 23, 23,
        24, 25, 26, 26, 27, 28, 29, 29, 30, 31, 32, 32, 33, 34, 35, 35, 36, 37, 38, 38, 39, 40, 41, 41, 42, 43, 44, 44, 45, 46, 47, 47,
    ];

    /// <summary>The coefficients of a matrix.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <returns>k·ℓ polynomials.</returns>
    internal static int MatrixSize(MLDsaParameters parameters) => parameters.K * parameters.L * N;

    /// <summary>Algorithm 32, ExpandA, with algorithm 30, RejNTTPoly, over G = SHAKE128 in as many polynomials at once as there are lanes.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="rho">ρ.</param>
    /// <param name="matrix">Receives the matrix row by row, in the transform's domain, coefficients from 0 to q − 1.</param>
    [SkipLocalsInit]
    internal static void Fill(MLDsaParameters parameters, ReadOnlySpan<byte> rho, Span<int> matrix)
    {
        PolynomialVector entries = new(matrix[..MatrixSize(parameters)]);
        Span<byte> block = stackalloc byte[Shake.Rate128 + LoadSize];
        Span<int> found = stackalloc int[ShakeLanes.MaxCount];
        using ShakeLanes shakes = new(stackalloc ulong[ShakeLanes.StateWords], Shake.Rate128);
        for (int first = 0; first < entries.Length; first += ShakeLanes.Count)
        {
            int count = Math.Min(ShakeLanes.Count, entries.Length - first);
            shakes.Begin(rho, suffixSize: 2);
            for (int lane = 0; lane < count; lane++)
            {
                (int r, int s) = Math.DivRem(first + lane, parameters.L);
                shakes.SetSuffix(lane, rho.Length, (ushort)(s | (r << 8)));
            }

            found.Clear();
            while (found[..count].ContainsAnyExcept(N))
            {
                shakes.Permute();
                for (int lane = 0; lane < count; lane++)
                {
                    shakes.Read(lane, block[..Shake.Rate128]);
                    Span<int> rest = entries[first + lane][found[lane]..];
                    found[lane] += Avx512Vbmi.IsSupported ? AcceptVectors(block, rest) : Accept(block[..Shake.Rate128], rest);
                }
            }
        }
    }

    /// <summary>Algorithm 14, CoeffFromThreeBytes, over a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="polynomial">Receives coefficients.</param>
    /// <returns>How many were found and had room.</returns>
    internal static int Accept(ReadOnlySpan<byte> block, Span<int> polynomial)
    {
        int found = 0;
        while (block.Length >= CandidateSize && found < polynomial.Length)
        {
            int candidate = BinaryPrimitives.ReadUInt16LittleEndian(block) | ((block[2] & 0x7F) << 16);
            if (candidate < Q)
            {
                polynomial[found++] = candidate;
            }

            block = block[CandidateSize..];
        }

        return found;
    }

    /// <summary><see cref="Accept"/>, sixteen candidates at a time.</summary>
    /// <param name="block">A block, and as much room behind it as a step loads.</param>
    /// <param name="polynomial">Receives coefficients.</param>
    /// <returns>How many were found and had room.</returns>
    internal static int AcceptVectors(ReadOnlySpan<byte> block, Span<int> polynomial)
    {
        int found = 0;
        for (int at = 0; at < Shake.Rate128 && found < polynomial.Length; at += Candidates * CandidateSize)
        {
            Vector512<int> candidates = Avx512Vbmi.PermuteVar64x8(
                Vector512.Create(block.Slice(at, LoadSize)), Vector512.Create(BytesOfCandidates)).AsInt32();
            candidates &= Vector512.Create(0x7FFFFF);
            Vector512<int> passes = Vector512.LessThan(candidates, Vector512.Create(Q));
            if (Shake.Rate128 - at < Candidates * CandidateSize)
            {
                passes &= Vector512.Create(Vector256<int>.AllBitsSet, Vector256<int>.Zero);
            }

            Vector512<int> compressed = Avx512F.Compress(Vector512<int>.Zero, passes, candidates);
            int count = BitOperations.PopCount(passes.ExtractMostSignificantBits());
            if (polynomial.Length - found >= Candidates)
            {
                compressed.CopyTo(polynomial[found..]);
            }
            else
            {
                count = Math.Min(count, polynomial.Length - found);
                MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Vector512<int>, int>(ref compressed), count).CopyTo(polynomial[found..]);
            }

            found += count;
        }

        return found;
    }
}

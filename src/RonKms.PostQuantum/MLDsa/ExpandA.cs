using System.Buffers.Binary;
using RonKms.PostQuantum.Keccak;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The matrix Â out of the seed ρ: FIPS 204, algorithms 14, 30 and 32.</summary>
/// <remarks>Not constant time and need not be: ρ is in the public key, and so is all that follows from it.</remarks>
internal static class ExpandA
{
    // The bytes of a candidate.
    private const int CandidateSize = 3;

    /// <summary>The coefficients of a matrix.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <returns>k·ℓ polynomials.</returns>
    internal static int MatrixSize(MLDsaParameters parameters) => parameters.K * parameters.L * N;

    /// <summary>Algorithm 32, ExpandA.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="rho">ρ.</param>
    /// <param name="matrix">Receives the matrix row by row, in the transform's domain, coefficients from 0 to q − 1.</param>
    internal static void Fill(MLDsaParameters parameters, ReadOnlySpan<byte> rho, Span<int> matrix)
    {
        PolynomialVector entries = new(matrix[..MatrixSize(parameters)]);
        for (int r = 0; r < parameters.K; r++)
        {
            for (int s = 0; s < parameters.L; s++)
            {
                RejNttPoly(rho, (byte)s, (byte)r, entries[(r * parameters.L) + s]);
            }
        }
    }

    // Algorithm 30, over G = SHAKE128.
    private static void RejNttPoly(ReadOnlySpan<byte> rho, byte s, byte r, Span<int> polynomial)
    {
        Span<byte> block = stackalloc byte[Shake.Rate128];
        using Shake g = Shake.Shake128(stackalloc ulong[Shake.StateLanes]);
        g.Absorb(rho);
        g.Absorb([s, r]);
        while (!polynomial.IsEmpty)
        {
            g.Squeeze(block);
            polynomial = polynomial[Accept(block, polynomial)..];
        }
    }

    // Algorithm 14, CoeffFromThreeBytes, over a block: how many coefficients were found.
    private static int Accept(ReadOnlySpan<byte> block, Span<int> polynomial)
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
}

using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLKem;

/// <summary>The matrix Â from its seed ρ: FIPS 203, section 4.2.2, algorithm 7.</summary>
/// <remarks>Everything here is public: ρ is a part of the encapsulation key. So the rejection may take what time it takes.</remarks>
internal static class MatrixSampler
{
    // Three blocks give 336 candidates, of which 273 are expected to pass; more are taken where they are not enough.
    private const int FirstBlocks = 3 * Shake.Rate128;

    /// <summary>Samples all k² polynomials, row by row.</summary>
    /// <param name="k">The rank.</param>
    /// <param name="rho">ρ, 32 bytes.</param>
    /// <param name="matrix">Receives Â: coefficients from 0 to q - 1.</param>
    internal static void Sample(int k, ReadOnlySpan<byte> rho, Span<short> matrix)
    {
        Span<byte> stream = stackalloc byte[FirstBlocks];
        using Shake xof = Shake.Shake128(stackalloc ulong[Shake.StateLanes]);
        for (int i = 0; i < k; i++)
        {
            for (int j = 0; j < k; j++)
            {
                // Steps 1 and 2: B = ρ ‖ j ‖ i.
                xof.Reset();
                xof.Absorb(rho);
                xof.Absorb([(byte)j, (byte)i]);
                xof.Squeeze(stream);
                Span<short> rest = Polynomial.At(matrix, (i * k) + j);
                rest = rest[Parse(stream, rest)..];
                while (!rest.IsEmpty)
                {
                    Span<byte> block = stream[..Shake.Rate128];
                    xof.Squeeze(block);
                    rest = rest[Parse(block, rest)..];
                }
            }
        }
    }

    // Steps 5 to 15 over a piece of the stream: takes what passes, until there is enough. Returns how many were taken.
    private static int Parse(ReadOnlySpan<byte> stream, Span<short> coefficients)
    {
        int taken = 0;
        for (; stream.Length >= 3 && taken < coefficients.Length; stream = stream[3..])
        {
            int d1 = stream[0] | ((stream[1] & 15) << 8);
            int d2 = (stream[1] >> 4) | (stream[2] << 4);
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
}

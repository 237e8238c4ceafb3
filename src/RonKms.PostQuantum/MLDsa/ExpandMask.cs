using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The mask y of a candidate out of ρ″: FIPS 204, algorithm 34.</summary>
/// <remarks>Constant time: a hash of a fixed length, and unpacking. The packed bytes lie in the caller's guarded memory.</remarks>
internal static class ExpandMask
{
    /// <summary>Algorithm 34, ExpandMask.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="rhoDoublePrime">ρ″.</param>
    /// <param name="mu">The counter κ, which the standard names μ here.</param>
    /// <param name="y">Receives ℓ polynomials, coefficients from −γ1 + 1 to γ1.</param>
    /// <param name="packed">Room for <see cref="PolynomialPacking.MaxSize"/> secret bytes; the caller wipes it.</param>
    internal static void Fill(MLDsaParameters parameters, ReadOnlySpan<byte> rhoDoublePrime, int mu, PolynomialVector y, Span<byte> packed)
    {
        Span<byte> v = packed[..PolynomialPacking.Size(parameters.ZBits)];
        using Shake h = Shake.Shake256(stackalloc ulong[Shake.StateLanes]);
        for (int r = 0; r < parameters.L; r++)
        {
            h.Reset();
            h.Absorb(rhoDoublePrime);
            h.Absorb([(byte)(mu + r), (byte)((mu + r) >> 8)]);
            h.Squeeze(v);
            PolynomialPacking.BitUnpack(v, parameters.ZBits, parameters.Gamma1, y[r]);
        }
    }
}

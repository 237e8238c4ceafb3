using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The mask y of a candidate out of ρ″: FIPS 204, algorithm 34.</summary>
/// <remarks>Constant time: hashes of a fixed length, and unpacking. The packed bytes lie in the caller's guarded memory.</remarks>
internal static class ExpandMask
{
    /// <summary>The room for packed polynomials in bytes: a polynomial of each lane.</summary>
    internal const int Room = ShakeLanes.MaxCount * PolynomialPacking.MaxSize;

    /// <summary>Algorithm 34, ExpandMask.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="rhoDoublePrime">ρ″.</param>
    /// <param name="mu">The counter κ, which the standard names μ here.</param>
    /// <param name="y">Receives ℓ polynomials, coefficients from −γ1 + 1 to γ1.</param>
    /// <param name="packed">Room for <see cref="Room"/> secret bytes; the caller wipes it.</param>
    internal static void Fill(MLDsaParameters parameters, ReadOnlySpan<byte> rhoDoublePrime, int mu, PolynomialVector y, Span<byte> packed)
    {
        int size = PolynomialPacking.Size(parameters.ZBits);
        using ShakeLanes shakes = new(stackalloc ulong[ShakeLanes.StateWords], Shake.Rate256);
        for (int first = 0; first < parameters.L; first += ShakeLanes.Count)
        {
            int count = Math.Min(ShakeLanes.Count, parameters.L - first);
            shakes.Begin(rhoDoublePrime, suffixSize: 2);
            for (int lane = 0; lane < count; lane++)
            {
                shakes.SetSuffix(lane, rhoDoublePrime.Length, (ushort)(mu + first + lane));
            }

            for (int at = 0; at < size; at += Shake.Rate256)
            {
                shakes.Permute();
                for (int lane = 0; lane < count; lane++)
                {
                    shakes.Read(lane, packed.Slice((lane * size) + at, Math.Min(size - at, Shake.Rate256)));
                }
            }

            for (int lane = 0; lane < count; lane++)
            {
                PolynomialPacking.BitUnpack(packed.Slice(lane * size, size), parameters.ZBits, parameters.Gamma1, y[first + lane]);
            }
        }
    }
}

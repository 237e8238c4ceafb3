namespace RonKms.PostQuantum.MLDsa;

/// <summary>The hint as bytes: FIPS 204, algorithms 20 and 21.</summary>
/// <remarks>ω bytes with the positions of the ones, polynomial after polynomial, then k bytes with how many there are so far.
/// Not constant time and need not be: a hint is packed once its signature is accepted, and is public then.</remarks>
internal static class HintPacking
{
    /// <summary>Algorithm 20, HintBitPack.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="h">The hint: k polynomials of zeros and at most ω ones.</param>
    /// <param name="y">Receives ω + k bytes.</param>
    internal static void Pack(MLDsaParameters parameters, PolynomialVector h, Span<byte> y)
    {
        // Step 1.
        y = y[..(parameters.Omega + parameters.K)];
        y.Clear();

        // Steps 2 to 11.
        int index = 0;
        for (int i = 0; i < parameters.K; i++)
        {
            ReadOnlySpan<int> polynomial = h[i];
            for (int j = 0; j < polynomial.Length; j++)
            {
                if (polynomial[j] != 0)
                {
                    y[index++] = (byte)j;
                }
            }

            y[parameters.Omega + i] = (byte)index;
        }
    }

    /// <summary>Algorithm 21, HintBitUnpack, but leaves the hint packed: whether it is well-formed.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="y">The ω + k bytes.</param>
    /// <returns><see langword="false"/> where the standard gives ⊥: exactly one encoding of a hint is taken.</returns>
    internal static bool IsWellFormed(MLDsaParameters parameters, ReadOnlySpan<byte> y)
    {
        ReadOnlySpan<byte> positions = y[..parameters.Omega];
        ReadOnlySpan<byte> ends = y.Slice(parameters.Omega, parameters.K);
        int index = 0;
        foreach (byte end in ends)
        {
            // Step 4.
            if (end < index || end > parameters.Omega)
            {
                return false;
            }

            // Steps 7 to 14: positions rise strictly within a polynomial.
            for (int first = index; index < end; index++)
            {
                if (index > first && positions[index - 1] >= positions[index])
                {
                    return false;
                }
            }
        }

        // Steps 16 to 18: what is left is zero.
        return !positions[index..].ContainsAnyExcept((byte)0);
    }

    /// <summary>The positions of a polynomial's ones, in a hint that is well-formed.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="y">The ω + k bytes.</param>
    /// <param name="i">Which polynomial.</param>
    /// <returns>The positions, rising.</returns>
    internal static ReadOnlySpan<byte> Positions(MLDsaParameters parameters, ReadOnlySpan<byte> y, int i)
    {
        ReadOnlySpan<byte> ends = y[parameters.Omega..];
        return y[(i == 0 ? 0 : ends[i - 1])..ends[i]];
    }
}

using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The standard's encoding of a private key, which keeps no seed: FIPS 204, algorithms 24 and 25.</summary>
/// <remarks>
/// The library stores seeds; this is for the check that a PKCS#8 with both forms agrees with itself, and for test vectors. Constant
/// time: packing, transforms, and one comparison by arithmetic over all coefficients.
/// </remarks>
internal static class ExpandedPrivateKey
{
    /// <summary>Algorithm 24, skEncode.</summary>
    /// <param name="key">The key.</param>
    /// <param name="destination">Receives <see cref="MLDsaParameters.PrivateKeySize"/> secret bytes; guarded memory of the caller's.</param>
    internal static void Encode(MLDsaPrivateKey key, Span<byte> destination)
    {
        MLDsaParameters p = key.Parameters;
        key.Rho.CopyTo(destination);
        key.K.CopyTo(destination[SeedSize..]);
        key.Tr.CopyTo(destination[(2 * SeedSize)..]);
        SigningArena arena = SigningArena.Rent();
        try
        {
            Span<int> polynomial = arena.Term;
            for (int i = 0; i < p.L; i++)
            {
                TransformBack(key.S1[i], polynomial);
                PolynomialPacking.BitPack(polynomial, p.EtaBits, p.Eta, destination[p.PackedS1(i)]);
            }

            for (int i = 0; i < p.K; i++)
            {
                TransformBack(key.S2[i], polynomial);
                PolynomialPacking.BitPack(polynomial, p.EtaBits, p.Eta, destination[p.PackedS2(i)]);
                TransformBack(key.T0[i], polynomial);
                PolynomialPacking.BitPack(polynomial, D, T0Bound, destination[p.PackedT0(i)]);
            }
        }
        finally
        {
            SigningArena.Return(arena);
        }
    }

    /// <summary>Algorithm 25, skDecode, and the steps 2 to 5 of algorithm 7.</summary>
    /// <param name="source">The encoding.</param>
    /// <param name="key">Receives the key.</param>
    /// <returns>Whether the encoding has its size, and s1 and s2 are in their range; otherwise the key must not be used.</returns>
    internal static bool TryDecode(ReadOnlySpan<byte> source, MLDsaPrivateKey key)
    {
        MLDsaParameters p = key.Parameters;
        if (source.Length != p.PrivateKeySize)
        {
            return false;
        }

        source[..SeedSize].CopyTo(key.Rho);
        source.Slice(SeedSize, SeedSize).CopyTo(key.K);
        source.Slice(2 * SeedSize, HashSize).CopyTo(key.Tr);
        for (int i = 0; i < p.L; i++)
        {
            PolynomialPacking.BitUnpack(source[p.PackedS1(i)], p.EtaBits, p.Eta, key.S1[i]);
        }

        for (int i = 0; i < p.K; i++)
        {
            PolynomialPacking.BitUnpack(source[p.PackedS2(i)], p.EtaBits, p.Eta, key.S2[i]);
            PolynomialPacking.BitUnpack(source[p.PackedT0(i)], D, T0Bound, key.T0[i]);
        }

        if (Polynomial.Reaches(key.S1.Coefficients, p.Eta + 1) | Polynomial.Reaches(key.S2.Coefficients, p.Eta + 1))
        {
            return false;
        }

        Ntt.Forward(key.S1);
        Ntt.Forward(key.S2);
        Ntt.Forward(key.T0);
        ExpandA.Fill(p, key.Rho, key.Matrix);
        return true;
    }

    private static void TransformBack(ReadOnlySpan<int> transformed, Span<int> polynomial)
    {
        transformed.CopyTo(polynomial);
        Ntt.Inverse(polynomial);
        Polynomial.Reduce(polynomial);
        Polynomial.Center(polynomial);
    }
}

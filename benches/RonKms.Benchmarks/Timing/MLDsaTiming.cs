using System.Security.Cryptography;
using RonKms.PostQuantum.MLDsa;

namespace RonKms.Benchmarks.Timing;

/// <summary>ML-DSA-65 by its secrets.</summary>
internal static class MLDsaTiming
{
    private const int Inputs = 500;
    private static readonly MLDsaParameters s_parameters = MLDsaParameters.Of(KeyAlgorithm.MLDsa65);

    /// <summary>
    /// A candidate that is accepted: with one key, against a new one each time. How many candidates are rejected before is left out,
    /// for the standard lets it show.
    /// </summary>
    internal static (Action<bool> Prepare, Action Work) AcceptedCandidate()
    {
        byte[] mu = RandomNumberGenerator.GetBytes(MLDsaParameters.HashSize);
        byte[] signature = new byte[s_parameters.SignatureSize];
        SigningArena arena = SigningArena.Rent();
        MLDsaPrivateKey[] random = [.. Enumerable.Range(0, Inputs).Select(_ => Generate())];
        MLDsaPrivateKey fixedKey = Generate();
        MLDsaPrivateKey[] same = [.. random.Select(_ => Copy(fixedKey, new MLDsaPrivateKey(s_parameters)))];
        byte[][] forSame = [.. same.Select(Accepted)];
        byte[][] forRandom = [.. random.Select(Accepted)];
        MLDsaPrivateKey used = Generate();
        int next = 0;
        return (
            one =>
            {
                int i = next++ % Inputs;

                // From as many places in both classes, so that the caches know no difference.
                Copy((one ? random : same)[i], used);
                (one ? forRandom : forSame)[i].CopyTo(arena.RhoDoublePrime);
            },
            () => Require(MLDsaInternal.TryCandidate(used, mu, kappa: 0, arena, signature)));

        byte[] Accepted(MLDsaPrivateKey key)
        {
            do
            {
                RandomNumberGenerator.Fill(arena.RhoDoublePrime);
            }
            while (!MLDsaInternal.TryCandidate(key, mu, kappa: 0, arena, signature));
            return arena.RhoDoublePrime.ToArray();
        }
    }

    /// <summary>BitPack of a mask to 20 bits: one polynomial, against a new one each time.</summary>
    internal static (Action<bool> Prepare, Action Work) Packing()
    {
        TwoClasses<int> inputs = new(
            MLDsaParameters.N, () => RandomNumberGenerator.GetInt32(2 * s_parameters.Gamma1) - s_parameters.Gamma1 + 1, one: 0);
        int[] polynomial = new int[MLDsaParameters.N];
        byte[] packed = new byte[PolynomialPacking.MaxSize];
        return (
            isRandom => inputs.CopyNext(isRandom, polynomial),
            () =>
            {
                for (int i = 0; i < 20; i++)
                {
                    PolynomialPacking.BitPack(polynomial, s_parameters.ZBits, s_parameters.Gamma1, packed);
                }
            }
        );
    }

    private static MLDsaPrivateKey Generate()
    {
        MLDsaPrivateKey key = new(s_parameters);
        MLDsaInternal.KeyGen(RandomNumberGenerator.GetBytes(MLDsaParameters.SeedSize), key, new byte[s_parameters.PublicKeySize]);
        return key;
    }

    private static MLDsaPrivateKey Copy(MLDsaPrivateKey from, MLDsaPrivateKey to)
    {
        from.K.CopyTo(to.K);
        from.Tr.CopyTo(to.Tr);
        from.Rho.CopyTo(to.Rho);
        from.S1.Coefficients.CopyTo(to.S1.Coefficients);
        from.S2.Coefficients.CopyTo(to.S2.Coefficients);
        from.T0.Coefficients.CopyTo(to.T0.Coefficients);
        from.Matrix.CopyTo(to.Matrix);
        return to;
    }

    private static void Require(bool good)
    {
        if (!good)
        {
            throw new CryptographicException("A candidate that was accepted once was rejected.");
        }
    }
}

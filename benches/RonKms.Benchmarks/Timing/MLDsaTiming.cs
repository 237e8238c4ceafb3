using System.Runtime.InteropServices;
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
        byte[] publicKey = new byte[s_parameters.PublicKeySize];
        SigningArena arena = SigningArena.Rent();
        MLDsaPrivateKey used = new(s_parameters);
        byte[] seed = RandomNumberGenerator.GetBytes(MLDsaParameters.SeedSize);
        TwoClasses<byte> inputs = new(Inputs, SizeOfInput(used), (isRandom, input) =>
        {
            MLDsaInternal.KeyGen(isRandom ? RandomNumberGenerator.GetBytes(MLDsaParameters.SeedSize) : seed, used, publicKey);
            do
            {
                RandomNumberGenerator.Fill(arena.RhoDoublePrime);
            }
            while (!MLDsaInternal.TryCandidate(used, mu, kappa: 0, arena, signature));
            Parts(used, arena, input, toInput: true);
        });
        byte[] next = new byte[SizeOfInput(used)];
        return (
            isRandom =>
            {
                inputs.CopyNext(isRandom, next);
                Parts(used, arena, next, toInput: false);
            },
            () => Require(MLDsaInternal.TryCandidate(used, mu, kappa: 0, arena, signature)));
    }

    /// <summary>BitPack of a mask to 20 bits: one polynomial, against a new one each time.</summary>
    /// <param name="zero">Whether the one is zero; otherwise it is drawn once.</param>
    internal static (Action<bool> Prepare, Action Work) Packing(bool zero)
    {
        int[] one = new int[MLDsaParameters.N];
        if (!zero)
        {
            FillRandom(one);
        }

        TwoClasses<int> inputs = new(Inputs, MLDsaParameters.N, (isRandom, input) =>
        {
            one.CopyTo(input);
            if (isRandom)
            {
                FillRandom(input);
            }
        });
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

    private static void FillRandom(Span<int> polynomial)
    {
        foreach (ref int coefficient in polynomial)
        {
            coefficient = Random.Shared.Next(2 * s_parameters.Gamma1) - s_parameters.Gamma1 + 1;
        }
    }

    private static int SizeOfInput(MLDsaPrivateKey key) =>
        key.K.Length + key.Tr.Length + key.Rho.Length + MLDsaParameters.HashSize
        + (sizeof(int) * (key.S1.Coefficients.Length + key.S2.Coefficients.Length + key.T0.Coefficients.Length + key.Matrix.Length));

    // An input is a key and the ρ″ of a candidate, one after the other.
    private static void Parts(MLDsaPrivateKey key, SigningArena arena, Span<byte> input, bool toInput)
    {
        int at = 0;
        Part(key.K, input);
        Part(key.Tr, input);
        Part(key.Rho, input);
        Part(arena.RhoDoublePrime, input);
        Part(MemoryMarshal.AsBytes(key.S1.Coefficients), input);
        Part(MemoryMarshal.AsBytes(key.S2.Coefficients), input);
        Part(MemoryMarshal.AsBytes(key.T0.Coefficients), input);
        Part(MemoryMarshal.AsBytes(key.Matrix), input);

        void Part(Span<byte> part, Span<byte> all)
        {
            Span<byte> place = all.Slice(at, part.Length);
            at += part.Length;
            if (toInput)
            {
                part.CopyTo(place);
            }
            else
            {
                place.CopyTo(part);
            }
        }
    }

    private static void Require(bool good)
    {
        if (!good)
        {
            throw new CryptographicException("A candidate that was accepted once was rejected.");
        }
    }
}

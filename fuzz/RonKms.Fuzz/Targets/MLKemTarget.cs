using System.Text.Json;
using RonKms.Fuzz.Engine;
using RonKms.PostQuantum.MLKem;

namespace RonKms.Fuzz.Targets;

/// <summary>ML-KEM's encapsulation keys and ciphertexts: what the vectors decode is what reading bit by bit gives, and is encoded to the same bytes.</summary>
/// <remarks>The first byte chooses the parameter set, and whether the rest is a key or a ciphertext.</remarks>
internal static class MLKemTarget
{
    private const int Q = 3329;

    private static readonly (MLKemParameters Parameters, ManagedMLKemAlgorithm Algorithm)[] s_sets =
        [.. MLKemParameters.All.Select(parameters => (parameters, new ManagedMLKemAlgorithm(parameters.Id)))];

    internal static FuzzTarget Target { get; } = new("ml-kem", Run)
    {
        Seeds = Seeds,
        MaxSize = 1 + MLKemParameters.LargestCiphertext,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        (MLKemParameters parameters, ManagedMLKemAlgorithm algorithm) = s_sets[(input[0] >> 1) % s_sets.Length];
        if ((input[0] & 1) == 0)
        {
            RunKey(parameters, algorithm, input[1..]);
        }
        else
        {
            RunCiphertext(parameters, input[1..]);
        }
    }

    private static void RunKey(MLKemParameters parameters, ManagedMLKemAlgorithm algorithm, ReadOnlySpan<byte> rest)
    {
        byte[] key = Sized.Of(rest, parameters.EncapsulationKeySize);
        ReadOnlySpan<byte> encoded = key.AsSpan(0, parameters.EncodedVectorSize);
        short[] t = new short[parameters.K * Polynomial.Size];
        bool isReduced = Packing.TryDecode(encoded, t);
        bool expected = true;
        for (int i = 0; i < t.Length; i++)
        {
            int value = Sized.Bits(encoded, 12 * i, 12);
            expected &= value < Q;
            Oracle.Holds((value - t[i]) % Q == 0, $"coefficient {i} is {t[i]}, and {value} is encoded");
        }

        Oracle.Holds(isReduced == expected && algorithm.IsValidPublicKey(key) == expected, $"the modulus check says {isReduced}");
        Oracle.Holds(rest.Length == key.Length || !algorithm.IsValidPublicKey(rest), "a key of another size is taken");
        if (isReduced)
        {
            byte[] again = new byte[encoded.Length];
            Packing.Encode(t, again);
            Oracle.Same(encoded, again);
        }
    }

    private static void RunCiphertext(MLKemParameters parameters, ReadOnlySpan<byte> rest)
    {
        byte[] ciphertext = Sized.Of(rest, parameters.CiphertextSize);
        CheckCompressed(ciphertext.AsSpan(0, parameters.CiphertextVectorSize), parameters.Du);
        CheckCompressed(ciphertext.AsSpan(parameters.CiphertextVectorSize), parameters.Dv);

        // A message is one bit a coefficient.
        CheckCompressed(ciphertext.AsSpan(0, MLKemParameters.SymbolSize), 1);
    }

    private static void CheckCompressed(ReadOnlySpan<byte> encoded, int d)
    {
        short[] polynomials = new short[encoded.Length * 8 / d];
        Packing.DecodeCompressed(encoded, d, polynomials);
        for (int i = 0; i < polynomials.Length; i++)
        {
            int value = ((Sized.Bits(encoded, d * i, d) * Q) + (1 << (d - 1))) >> d;
            Oracle.Holds(polynomials[i] == value, $"coefficient {i} of {d} bits is {polynomials[i]}, and {value} is encoded");
        }

        byte[] again = new byte[encoded.Length];
        Packing.EncodeCompressed(polynomials, d, again);
        Oracle.Same(encoded, again);
    }

    private static IEnumerable<byte[]> Seeds(SeedSource source)
    {
        foreach (JsonElement test in source.Read("mlkem/mlkem.json").GetProperty("cases").EnumerateArray().Where(test => test.GetProperty("case").GetInt32() == 0))
        {
            int set = Array.FindIndex(s_sets, one => one.Parameters.Name == test.GetProperty("parameterSet").GetString());
            byte[] publicKey = new byte[s_sets[set].Parameters.EncapsulationKeySize];
            Oracle.Holds(s_sets[set].Algorithm.TryGetPublicKey(Convert.FromHexString(test.GetProperty("seed").GetString()!), publicKey), "no key");
            yield return [(byte)(2 * set), .. publicKey];
            yield return [(byte)((2 * set) + 1), .. Convert.FromHexString(test.GetProperty("ct").GetString()!)];
        }
    }
}

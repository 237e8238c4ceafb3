using System.Text.Json;
using RonKms.Fuzz.Engine;
using RonKms.PostQuantum.MLDsa;

namespace RonKms.Fuzz.Targets;

/// <summary>ML-DSA's signatures: what the vectors unpack is what the portable form does, and is packed to the same bytes; a changed signature is not good.</summary>
/// <remarks>The first byte chooses the parameter set.</remarks>
internal static class MLDsaTarget
{
    private static readonly (MLDsaParameters Parameters, ManagedMLDsaAlgorithm Algorithm)[] s_sets =
        [.. MLDsaParameters.All.Select(parameters => (parameters, new ManagedMLDsaAlgorithm(parameters.Id)))];

    // Of the secret of zeros. ML-DSA-87's is the largest.
    private static readonly byte[][] s_publicKeys = [.. s_sets.Select(set => PublicKeyOf(set.Algorithm))];

    internal static FuzzTarget Target { get; } = new("ml-dsa", Run)
    {
        Seeds = Seeds,
        MaxSize = 1 + MLDsaParameters.MLDsa87.SignatureSize,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        int set = input[0] % s_sets.Length;
        (MLDsaParameters parameters, ManagedMLDsaAlgorithm algorithm) = s_sets[set];
        byte[] signature = Sized.Of(input[1..], parameters.SignatureSize);
        CheckHint(parameters, signature.AsSpan()[parameters.PackedHint]);
        for (int i = 0; i < parameters.L; i++)
        {
            CheckPacking(signature.AsSpan()[parameters.PackedZ(i)], parameters.ZBits, parameters.Gamma1, sign: -1);
        }

        CheckPacking(signature.AsSpan(0, PolynomialPacking.Size(PolynomialPacking.T1Bits)), PolynomialPacking.T1Bits, 0, sign: 1);

        // Of another key than the seeds'.
        Oracle.Holds(!algorithm.Verify(s_publicKeys[set], "message"u8, signature), "a signature that nobody made is good");
        Oracle.Holds(input.Length == signature.Length + 1 || !algorithm.Verify(s_publicKeys[set], "message"u8, input[1..]), "a signature of another size is good");
    }

    private static void CheckPacking(ReadOnlySpan<byte> packed, int bits, int offset, int sign)
    {
        int[] vector = new int[MLDsaParameters.N];
        int[] portable = new int[MLDsaParameters.N];
        byte[] again = new byte[packed.Length];
        PolynomialPacking.UnpackPortable(packed, bits, offset, sign, portable);
        if (sign < 0)
        {
            PolynomialPacking.BitUnpack(packed, bits, offset, vector);
            PolynomialPacking.BitPack(vector, bits, offset, again);
        }
        else
        {
            PolynomialPacking.SimpleBitUnpack(packed, bits, vector);
            PolynomialPacking.SimpleBitPack(vector, bits, again);
        }

        Oracle.Holds(vector.AsSpan().SequenceEqual(portable), $"{bits} bits are unpacked otherwise");
        Oracle.Same(packed, again);
    }

    /// <summary>FIPS 204, algorithm 21, step by step.</summary>
    private static void CheckHint(MLDsaParameters parameters, ReadOnlySpan<byte> y)
    {
        PolynomialVector h = new(new int[parameters.K * MLDsaParameters.N]);
        bool isHint = TryUnpackHint(parameters, y, h);
        Oracle.Holds(HintPacking.IsWellFormed(parameters, y) == isHint, $"whether the hint is well-formed, which is {isHint}, was answered wrongly");
        if (isHint)
        {
            byte[] again = new byte[y.Length];
            HintPacking.Pack(parameters, h, again);
            Oracle.Same(y, again);
        }
    }

    private static bool TryUnpackHint(MLDsaParameters parameters, ReadOnlySpan<byte> y, PolynomialVector h)
    {
        int index = 0;
        for (int i = 0; i < parameters.K; i++)
        {
            int end = y[parameters.Omega + i];
            if (end < index || end > parameters.Omega)
            {
                return false;
            }

            int first = index;
            while (index < end)
            {
                if (index > first && y[index - 1] >= y[index])
                {
                    return false;
                }

                h[i][y[index]] = 1;
                index++;
            }
        }

        while (index < parameters.Omega)
        {
            if (y[index++] != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static byte[] PublicKeyOf(ManagedMLDsaAlgorithm algorithm)
    {
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Oracle.Holds(algorithm.TryGetPublicKey(new byte[32], publicKey), "no key");
        return publicKey;
    }

    private static IEnumerable<byte[]> Seeds(SeedSource source)
    {
        foreach (JsonElement test in source.Read("mldsa/mldsa.json").GetProperty("cases").EnumerateArray().Where(test => test.TryGetProperty("signature", out _)))
        {
            int set = Array.FindIndex(s_sets, one => one.Parameters.Name == test.GetProperty("parameterSet").GetString());
            yield return [(byte)set, .. Convert.FromHexString(test.GetProperty("signature").GetString()!)];
        }
    }
}

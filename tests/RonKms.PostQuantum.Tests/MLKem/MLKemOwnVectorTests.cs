using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Algorithms;
using RonKms.PostQuantum.MLKem;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.MLKem;

/// <summary>The project's own pack, made by @noble/post-quantum, against every provider that is here.</summary>
public sealed class MLKemOwnVectorTests
{
    private const string Pack = "mlkem/mlkem.json";

    [Fact]
    public void Managed()
    {
        VectorTally tally = new(Pack);
        foreach (JsonElement test in OwnVectors.Read(Pack).GetProperty("cases").EnumerateArray())
        {
            ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(test.Text("parameterSet"));
            byte[] publicKey = PublicKey(algorithm, test);
            byte[] expanded = new byte[algorithm.Parameters.DecapsulationKeySize];
            byte[] ciphertext = new byte[algorithm.CiphertextSize];
            byte[] sharedSecret = new byte[algorithm.SharedSecretSize];
            MLKemKeyFormats.Expand(algorithm.Parameters, test.Hex("seed"), expanded);
            tally.Add(
                NameOf(test),
                SHA256.HashData(expanded).AsSpan().SequenceEqual(test.Hex("dkSha256"))
                    && algorithm.TryEncapsulate(publicKey, test.Hex("m"), ciphertext, sharedSecret)
                    && ciphertext.AsSpan().SequenceEqual(test.Hex("ct"))
                    && sharedSecret.AsSpan().SequenceEqual(test.Hex("ss"))
                    && Decapsulates(algorithm, publicKey, test));
        }

        tally.Finish(run: 36);
    }

    [Fact]
    public void Platform()
    {
        Assert.SkipUnless(PlatformMLKemAlgorithm.IsSupported, "not run: the platform has no ML-KEM");
        VectorTally tally = new(Pack);
        foreach (JsonElement test in OwnVectors.Read(Pack).GetProperty("cases").EnumerateArray())
        {
            PlatformMLKemAlgorithm algorithm = new(MLKemAlgorithms.Find(test.Text("parameterSet")).Id);
            tally.Add(NameOf(test), Decapsulates(algorithm, PublicKey(algorithm, test), test));
        }

        tally.Finish(run: 36);
    }

    private static string NameOf(JsonElement test) => $"{test.Text("parameterSet")} {test.Number("case")}";

    private static byte[] PublicKey(KemAlgorithm algorithm, JsonElement test)
    {
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(test.Hex("seed"), publicKey));
        Assert.Equal(test.Hex("ekSha256"), SHA256.HashData(publicKey));
        return publicKey;
    }

    private static bool Decapsulates(KemAlgorithm algorithm, byte[] publicKey, JsonElement test)
    {
        byte[] ciphertext = test.Hex("ct");
        byte[] received = new byte[algorithm.SharedSecretSize];
        byte[] rejected = new byte[algorithm.SharedSecretSize];
        JsonElement flip = test.GetProperty("flip");
        using DecapsulationKey key = algorithm.Open(test.Hex("seed"), publicKey);
        bool isOpened = key.TryDecapsulate(ciphertext, received);
        ciphertext[flip.Number("byte")] ^= (byte)(1 << flip.Number("bit"));
        return isOpened
            && key.TryDecapsulate(ciphertext, rejected)
            && received.AsSpan().SequenceEqual(test.Hex("ss"))
            && rejected.AsSpan().SequenceEqual(test.Hex("rejectedSs"));
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Algorithms;
using RonKms.PostQuantum.MLKem;
using RonKms.PostQuantum.XWing;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.XWing;

/// <summary>X-Wing against the drafts' vectors and against the project's own pack, made by @noble/post-quantum.</summary>
public sealed class XWingVectorTests
{
    private const string Pack = "hybrid/xwing.json";
    private const int MLKemPublicKeySize = 1184;
    private const int MLKemCiphertextSize = 1088;

    [Theory]
    [InlineData("xwing/xwing_draft.json", "eseed", 2)]
    [InlineData("xwing/mlkem768_x25519.json", "randomness", 5)]
    public void Drafts(string file, string randomness, int count)
    {
        VectorTally tally = new(file);
        foreach (JsonElement test in Vectors.Read(file).EnumerateArray())
        {
            byte[] publicKey = XWingAlgorithms.PublicKeyOf(test.Hex("seed"));
            tally.Add(
                test.Text("seed"),
                publicKey.AsSpan().SequenceEqual(test.Hex("pk"))
                    && Encapsulates(publicKey, test.Hex(randomness), test.Hex("ct"), test.Hex("ss"))
                    && Decapsulates(XWingAlgorithms.Managed, test.Hex("seed"), test.Hex("ct"), test.Hex("ss")));
        }

        tally.Finish(count);
    }

    [Theory]
    [InlineData(PostQuantumProvider.Managed)]
    [InlineData(PostQuantumProvider.Platform)]
    public void OwnVectors(PostQuantumProvider provider)
    {
        Assert.SkipUnless(provider == PostQuantumProvider.Managed || PlatformMLKemAlgorithm.IsSupported, "not run: the platform has no ML-KEM");
        XWingAlgorithm algorithm = XWingAlgorithms.Of(provider);
        VectorTally tally = new(Pack);
        foreach (JsonElement test in Tests.OwnVectors.Read(Pack).GetProperty("cases").EnumerateArray())
        {
            byte[] seed = test.Hex("seed");
            byte[] publicKey = new byte[KeyAlgorithm.XWing.PublicKeySize];
            tally.Add(
                test.Number("case"),
                algorithm.TryGetPublicKey(seed, publicKey)
                    && SHA256.HashData(publicKey).AsSpan().SequenceEqual(test.Hex("pkSha256"))
                    && Encapsulates(publicKey, test.Hex("eseed"), test.Hex("ct"), test.Hex("ss"))
                    && Decapsulates(algorithm, seed, test.Hex("ct"), test.Hex("ss"))
                    && test.GetProperty("flips").EnumerateArray().All(flip => Decapsulates(algorithm, seed, Flipped(test.Hex("ct"), flip), flip.Hex("ss"))));
        }

        tally.Finish(run: 12);
    }

    // EncapsulateDerand of the draft's section 5.4.1. ML-KEM with a given m is the managed one's alone.
    private static bool Encapsulates(byte[] publicKey, byte[] randomness, byte[] expectedCiphertext, byte[] expectedSecret)
    {
        byte[] ciphertext = new byte[XWingAlgorithms.Managed.CiphertextSize];
        byte[] mlkemSecret = new byte[32];
        byte[] sharedSecret = new byte[32];
        bool isValid = MLKem.MLKemAlgorithms.Find("ML-KEM-768").TryEncapsulate(
            publicKey.AsSpan(0, MLKemPublicKeySize), randomness.AsSpan(0, 32), ciphertext.AsSpan(0, MLKemCiphertextSize), mlkemSecret);
        XWingAlgorithm.Complete(publicKey, randomness.AsSpan(32), mlkemSecret, ciphertext, sharedSecret);
        return isValid && ciphertext.AsSpan().SequenceEqual(expectedCiphertext) && sharedSecret.AsSpan().SequenceEqual(expectedSecret);
    }

    private static bool Decapsulates(XWingAlgorithm algorithm, byte[] seed, byte[] ciphertext, byte[] expectedSecret)
    {
        byte[] sharedSecret = new byte[32];
        using DecapsulationKey key = algorithm.Open(seed, XWingAlgorithms.PublicKeyOf(seed));
        return key.TryDecapsulate(ciphertext, sharedSecret) && sharedSecret.AsSpan().SequenceEqual(expectedSecret);
    }

    private static byte[] Flipped(byte[] ciphertext, JsonElement flip)
    {
        ciphertext[flip.Number("byte")] ^= (byte)(1 << flip.Number("bit"));
        return ciphertext;
    }
}

using System.Text.Json;
using RonKms.Algorithms;
using RonKms.PostQuantum.MLKem;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.MLKem;

/// <summary>NIST's own cases: every one of three files.</summary>
public sealed class MLKemAcvpTests
{
    [Fact]
    public void KeyGen()
    {
        const string File = "acvp/ML-KEM-keyGen-FIPS203.json";
        VectorTally tally = new(File);
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read(File)))
        {
            ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(group.Text("parameterSet"));
            byte[] seed = [.. test.Hex("d"), .. test.Hex("z")];
            byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
            byte[] expanded = new byte[algorithm.Parameters.DecapsulationKeySize];
            MLKemKeyFormats.Expand(algorithm.Parameters, seed, expanded);
            tally.Add(
                test.Number("tcId"),
                algorithm.TryGetPublicKey(seed, publicKey)
                    && publicKey.AsSpan().SequenceEqual(test.Hex("ek"))
                    && expanded.AsSpan().SequenceEqual(test.Hex("dk")));
        }

        tally.Finish(run: 60);
    }

    [Theory]
    [InlineData("acvp/ML-KEM-encapDecap-FIPS203.json", 132)]
    [InlineData("acvp/ML-KEM-encapDecap-FIPS203-tr1.json", 156)]
    public void EncapsulationDecapsulationAndKeyChecks(string file, int count)
    {
        VectorTally tally = new(file);
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read(file)))
        {
            ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(group.Text("parameterSet"));
            tally.Add(test.Number("tcId"), group.Text("function") switch
            {
                "encapsulation" => Encapsulates(algorithm, test),
                "decapsulation" => Decapsulates(algorithm, group, test),
                "encapsulationKeyCheck" => algorithm.IsValidPublicKey(test.Hex("ek")) == test.GetProperty("testPassed").GetBoolean(),
                "decapsulationKeyCheck" =>
                    MLKemKeyCheck.IsValidDecapsulationKey(algorithm.Parameters, test.Hex("dk")) == test.GetProperty("testPassed").GetBoolean(),
                string function => throw new InvalidDataException(function),
            });
        }

        tally.Finish(count);
    }

    private static bool Encapsulates(ManagedMLKemAlgorithm algorithm, JsonElement test)
    {
        byte[] ciphertext = new byte[algorithm.CiphertextSize];
        byte[] sharedSecret = new byte[algorithm.SharedSecretSize];
        return algorithm.TryEncapsulate(test.Hex("ek"), test.Hex("m"), ciphertext, sharedSecret)
            && ciphertext.AsSpan().SequenceEqual(test.Hex("c"))
            && sharedSecret.AsSpan().SequenceEqual(test.Hex("k"));
    }

    private static bool Decapsulates(ManagedMLKemAlgorithm algorithm, JsonElement group, JsonElement test)
    {
        bool isSeed = group.TryGetProperty("keyFormat", out JsonElement format) && format.GetString() == "seed";
        byte[] sharedSecret = new byte[algorithm.SharedSecretSize];
        using DecapsulationKey key = isSeed
            ? algorithm.Open([.. test.Hex("d"), .. test.Hex("z")], test.Hex("ek"))
            : MLKemDecapsulationKey.FromExpanded(algorithm, test.Hex("dk"));
        return key.TryDecapsulate(test.Hex("c"), sharedSecret) && sharedSecret.AsSpan().SequenceEqual(test.Hex("k"));
    }
}

using System.Text.Json;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.MLDsa;
using RonKms.PostQuantum.Tests.PreHash;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.MLDsa;

/// <summary>NIST's vectors of ML-DSA, every case.</summary>
public sealed class AcvpTests
{
    [Fact]
    public void KeyGeneration()
    {
        const string File = "acvp/ML-DSA-keyGen-FIPS204.json";
        VectorTally tally = new(File);
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read(File)))
        {
            MLDsaParameters parameters = SetOf(group);
            using MLDsaPrivateKey key = new(parameters);
            byte[] publicKey = new byte[parameters.PublicKeySize];
            MLDsaInternal.KeyGen(test.Hex("seed"), key, publicKey);
            byte[] expanded = new byte[parameters.PrivateKeySize];
            ExpandedPrivateKey.Encode(key, expanded);
            tally.Add(test.Number("tcId"), publicKey.AsSpan().SequenceEqual(test.Hex("pk")) && expanded.AsSpan().SequenceEqual(test.Hex("sk")));
        }

        tally.Finish(run: 60);
    }

    [Fact]
    public void SigningWithExpandedKeys() => Sign("acvp/ML-DSA-sigGen-FIPS204.json.gz", run: 288);

    [Fact]
    public void SigningWithSeeds() => Sign("acvp/ML-DSA-sigGen-FIPS204-tr1.json", run: 192);

    [Fact]
    public void Verification()
    {
        const string File = "acvp/ML-DSA-sigVer-FIPS204.json.gz";
        VectorTally tally = new(File);
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read(File)))
        {
            MLDsaParameters parameters = SetOf(group);
            byte[] publicKey = test.Hex("pk");
            byte[] tr = new byte[MLDsaParameters.HashSize];
            Shake.Hash256(publicKey, tr);
            VerificationKey key = new(parameters, new int[VerificationKey.RoomOf(parameters)]);
            key.Decode(publicKey);
            bool verified = MLDsaInternal.Verify(key, RepresentativeOf(group, test, tr), test.Hex("signature"));
            tally.Add(test.Number("tcId"), verified == test.GetProperty("testPassed").GetBoolean());
        }

        tally.Finish(run: 144);
    }

    [Fact]
    public void VerificationByThePublicMembers()
    {
        const string File = "acvp/ML-DSA-sigVer-FIPS204.json.gz";
        VectorTally tally = new(File);
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read(File)))
        {
            ManagedMLDsaAlgorithm algorithm = new(SetOf(group).Id);
            byte[] publicKey = test.Hex("pk");
            byte[] signature = test.Hex("signature");
            bool verified;
            if (IsExternalMu(group))
            {
                verified = algorithm.VerifyRepresentative(publicKey, test.Hex("mu"), signature);
            }
            else if (group.Text("signatureInterface") == "internal")
            {
                tally.LeaveOut();
                continue;
            }
            else if (group.Text("preHash") == "pure")
            {
                verified = algorithm.Verify(publicKey, test.Hex("message"), signature, new SignOptions { Context = test.Hex("context") });
            }
            else
            {
                PreHashFunction function = PreHashDigests.Function(test.Text("hashAlg"));
                byte[] digest = PreHashDigests.Hash(function, test.Hex("message"));
                verified = algorithm.VerifyPreHash(publicKey, digest, function, signature, new SignOptions { Context = test.Hex("context") });
            }

            tally.Add(test.Number("tcId"), verified == test.GetProperty("testPassed").GetBoolean());
        }

        tally.Finish(run: 108, leftOut: 36);
    }

    private static void Sign(string file, int run)
    {
        VectorTally tally = new(file);
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read(file)))
        {
            MLDsaParameters parameters = SetOf(group);
            using MLDsaPrivateKey key = new(parameters);
            if (test.TryGetProperty("seed", out _))
            {
                MLDsaInternal.KeyGen(test.Hex("seed"), key, new byte[parameters.PublicKeySize]);
            }
            else
            {
                Assert.True(ExpandedPrivateKey.TryDecode(test.Hex("sk"), key));
            }

            byte[] rnd = group.GetProperty("deterministic").GetBoolean() ? new byte[MLDsaParameters.SeedSize] : test.Hex("rnd");
            byte[] signature = new byte[parameters.SignatureSize];
            MLDsaInternal.Sign(key, RepresentativeOf(group, test, key.Tr), rnd, signature);
            tally.Add(test.Number("tcId"), signature.AsSpan().SequenceEqual(test.Hex("signature")));
        }

        tally.Finish(run);
    }

    private static byte[] RepresentativeOf(JsonElement group, JsonElement test, ReadOnlySpan<byte> tr)
    {
        if (IsExternalMu(group))
        {
            return test.Hex("mu");
        }

        byte[] mu = new byte[MLDsaParameters.HashSize];
        byte[] message = test.Hex("message");
        if (group.Text("signatureInterface") == "internal")
        {
            FormattedMessage.Whole(message).HashTo(tr, mu);
        }
        else if (group.Text("preHash") == "pure")
        {
            FormattedMessage.Pure(message, test.Hex("context")).HashTo(tr, mu);
        }
        else
        {
            PreHashFunction function = PreHashDigests.Function(test.Text("hashAlg"));
            FormattedMessage.PreHash(PreHashDigests.Hash(function, message), function, test.Hex("context")).HashTo(tr, mu);
        }

        return mu;
    }

    private static bool IsExternalMu(JsonElement group) =>
        group.Text("signatureInterface") == "internal" && group.GetProperty("externalMu").GetBoolean();

    private static MLDsaParameters SetOf(JsonElement group) =>
        new[] { MLDsaParameters.MLDsa44, MLDsaParameters.MLDsa65, MLDsaParameters.MLDsa87 }.Single(p => p.Name == group.Text("parameterSet"));
}

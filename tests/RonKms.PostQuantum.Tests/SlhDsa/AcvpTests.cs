using System.Text.Json;
using RonKms.PostQuantum.SlhDsa;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>NIST's vectors, through the standard's internal and external functions.</summary>
public sealed class AcvpTests
{
    private const string KeyGenFile = "acvp/SLH-DSA-keyGen-FIPS205.json";
    private const string SigGenFile = "acvp/SLH-DSA-sigGen-FIPS205.json.gz";
    private const string SigVerFile = "acvp/SLH-DSA-sigVer-FIPS205.json.gz";

    [Fact]
    public void KeyGen() => Run(KeyGenFile, Vectors.Cases(Vectors.Read(KeyGenFile)), expected: 96, (scheme, _, test) =>
    {
        byte[] privateKey = [.. test.Hex("skSeed"), .. test.Hex("skPrf"), .. test.Hex("pkSeed"), .. new byte[scheme.Parameters.N]];
        scheme.KeyGen(privateKey);
        return privateKey.AsSpan().SequenceEqual(test.Hex("sk"))
            && privateKey.AsSpan(2 * scheme.Parameters.N).SequenceEqual(test.Hex("pk"));
    });

    [Fact]
    public void SigGen() => Run(SigGenFile, Vectors.Cases(Vectors.Read(SigGenFile)), expected: 180, Signs);

    [Fact]
    public void SigVer() => Run(SigVerFile, Vectors.Cases(Vectors.Read(SigVerFile)), expected: 120, (scheme, group, test) =>
        Verifies(scheme, group, test, test.Hex("signature"), test.Hex("pk")) == test.GetProperty("testPassed").GetBoolean());

    private static bool Signs(SlhDsaScheme scheme, JsonElement group, JsonElement test)
    {
        int n = scheme.Parameters.N;
        byte[] privateKey = test.Hex("sk");
        byte[] publicKey = privateKey[(2 * n)..];
        byte[] addrnd = group.GetProperty("deterministic").GetBoolean() ? publicKey[..n] : test.Hex("additionalRandomness");
        byte[] signature = new byte[scheme.Parameters.SignatureSize];
        byte[] message = test.Hex("message");
        switch (KindOf(group))
        {
            case "internal":
                scheme.SignInternal([], message, privateKey, addrnd, signature);
                break;
            case "pure":
                scheme.Sign(message, test.Hex("context"), privateKey, addrnd, signature);
                break;
            default:
                string hash = test.Text("hashAlg");
                scheme.SignPreHashed(
                    AcvpPreHash.Hash(hash, message), AcvpPreHash.Oid(hash), test.Hex("context"), privateKey, addrnd, signature);
                break;
        }

        return signature.AsSpan().SequenceEqual(test.Hex("signature")) && Verifies(scheme, group, test, signature, publicKey);
    }

    private static bool Verifies(SlhDsaScheme scheme, JsonElement group, JsonElement test, byte[] signature, byte[] publicKey)
    {
        byte[] message = test.Hex("message");
        switch (KindOf(group))
        {
            case "internal":
                return scheme.VerifyInternal([], message, signature, publicKey);
            case "pure":
                return scheme.Verify(message, test.Hex("context"), signature, publicKey);
            default:
                string hash = test.Text("hashAlg");
                return scheme.VerifyPreHashed(
                    AcvpPreHash.Hash(hash, message), AcvpPreHash.Oid(hash), test.Hex("context"), signature, publicKey);
        }
    }

    private static string KindOf(JsonElement group) =>
        group.Text("signatureInterface") == "internal" ? "internal" : group.Text("preHash");

    private static void Run(
        string file, IEnumerable<(JsonElement Group, JsonElement Case)> cases, int expected, Func<SlhDsaScheme, JsonElement, JsonElement, bool> check)
    {
        VectorTally tally = new(file);
        var results = cases.AsParallel()
            .Select(c => (Id: c.Case.Number("tcId"), IsRight: check(SchemeOf(c.Group), c.Group, c.Case)))
            .ToArray();
        foreach ((int id, bool isRight) in results)
        {
            tally.Add(id, isRight);
        }

        tally.Finish(expected);
    }

    private static SlhDsaScheme SchemeOf(JsonElement group) =>
        SlhDsaScheme.For(SlhDsaParameters.All.Single(p => p.Name == group.Text("parameterSet")));
}

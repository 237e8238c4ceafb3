using System.Text.Json;
using RonKms.PostQuantum.SlhDsa;
using RonKms.PostQuantum.Tests.PreHash;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>NIST's vectors, through the standard's internal and external functions.</summary>
public sealed class AcvpTests
{
    private const string KeyGenFile = "acvp/SLH-DSA-keyGen-FIPS205.json";
    private const string SigGenFile = "acvp/SLH-DSA-sigGen-FIPS205.json.gz";
    private const string SigVerFile = "acvp/SLH-DSA-sigVer-FIPS205.json.gz";

    [Fact]
    public void KeyGen() => Run(KeyGenFile, Vectors.Cases(Vectors.Read(KeyGenFile)), run: 96, (scheme, _, test) =>
    {
        byte[] privateKey = [.. test.Hex("skSeed"), .. test.Hex("skPrf"), .. test.Hex("pkSeed"), .. new byte[scheme.Parameters.N]];
        scheme.KeyGen(privateKey);
        return privateKey.AsSpan().SequenceEqual(test.Hex("sk"))
            && privateKey.AsSpan(2 * scheme.Parameters.N).SequenceEqual(test.Hex("pk"));
    });

    /// <summary>All cases of the fast sets. Of each small set, whose 100 cases take about 90 s of processor time, the first pure and the
    /// first pre-hashed one; the rest is <see cref="SigGenOfTheSmallSets"/>, an explicit test for the nightly run.</summary>
    [Fact]
    public void SigGen()
    {
        var cases = Vectors.Cases(Vectors.Read(SigGenFile)).ToArray();
        HashSet<(string, string)> taken = [];
        var here = cases
            .Where(c => !IsSmall(c.Group) || (KindOf(c.Group) != "internal" && taken.Add((c.Group.Text("parameterSet"), KindOf(c.Group)))))
            .ToArray();
        Assert.All(
            cases.GroupBy(c => c.Group.Text("parameterSet")),
            set => Assert.True(here.Count(c => c.Group.Text("parameterSet") == set.Key) >= 2, set.Key));
        Run(SigGenFile, here, run: 92, Signs, leftOut: cases.Length - here.Length, nightly: nameof(SigGenOfTheSmallSets));
    }

    [Fact(Explicit = true)]
    public void SigGenOfTheSmallSets() => Run(
        SigGenFile, Vectors.Cases(Vectors.Read(SigGenFile)).Where(c => IsSmall(c.Group)), run: 100, Signs);

    [Fact]
    public void SigVer() => Run(SigVerFile, Vectors.Cases(Vectors.Read(SigVerFile)), run: 120, (scheme, group, test) =>
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
                PreHashFunction function = PreHashDigests.Function(test.Text("hashAlg"));
                scheme.SignPreHashed(
                    PreHashDigests.Hash(function, message), function, test.Hex("context"), privateKey, addrnd, signature);
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
                PreHashFunction function = PreHashDigests.Function(test.Text("hashAlg"));
                return scheme.VerifyPreHashed(
                    PreHashDigests.Hash(function, message), function, test.Hex("context"), signature, publicKey);
        }
    }

    private static string KindOf(JsonElement group) =>
        group.Text("signatureInterface") == "internal" ? "internal" : group.Text("preHash");

    private static bool IsSmall(JsonElement group) => group.Text("parameterSet").EndsWith('s');

    private static void Run(
        string file,
        IEnumerable<(JsonElement Group, JsonElement Case)> cases,
        int run,
        Func<SlhDsaScheme, JsonElement, JsonElement, bool> check,
        int leftOut = 0,
        string nightly = "")
    {
        VectorTally tally = new(file);
        var results = cases.AsParallel()
            .Select(c => (Id: c.Case.Number("tcId"), IsRight: check(SchemeOf(c.Group), c.Group, c.Case)))
            .ToArray();
        foreach ((int id, bool isRight) in results)
        {
            tally.Add(id, isRight);
        }

        for (int i = 0; i < leftOut; i++)
        {
            tally.LeaveOut();
        }

        if (leftOut > 0)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"left out here are {leftOut} cases that the explicit test {nightly} runs");
        }

        tally.Finish(run, leftOut);
    }

    private static SlhDsaScheme SchemeOf(JsonElement group) =>
        SlhDsaScheme.For(SlhDsaParameters.All.Single(p => p.Name == group.Text("parameterSet")));
}

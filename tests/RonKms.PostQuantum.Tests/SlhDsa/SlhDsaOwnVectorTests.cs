using System.Security.Cryptography;
using System.Text.Json;
using RonKms.PostQuantum.SlhDsa;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>The project's own pack, made by @noble/post-quantum.</summary>
public sealed class SlhDsaOwnVectorTests
{
    private const string Pack = "slhdsa/slhdsa.json";

    [Fact]
    public void KeyGeneration() => Run(run: 120, leftOut: 0, test => true, (scheme, test) =>
    {
        int n = scheme.Parameters.N;
        byte[] privateKey = [.. test.Hex("seed"), .. new byte[n]];
        scheme.KeyGen(privateKey);
        return privateKey.AsSpan(3 * n).SequenceEqual(test.Hex("root"));
    });

    [Fact]
    public void Signatures() => Run(run: 72, leftOut: 48, test => test.TryGetProperty("signatureSha256", out _), (scheme, test) =>
    {
        int n = scheme.Parameters.N;
        byte[] privateKey = [.. test.Hex("seed"), .. test.Hex("root")];
        byte[] publicKey = privateKey[(2 * n)..];
        byte[] message = test.Hex("message");
        byte[] context = test.Hex("context");
        byte[] addrnd = test.GetProperty("addrnd").ValueKind == JsonValueKind.Null ? publicKey[..n] : test.Hex("addrnd");
        byte[] signature = new byte[scheme.Parameters.SignatureSize];
        scheme.Sign(message, context, privateKey, addrnd, signature);
        return SHA256.HashData(signature).AsSpan().SequenceEqual(test.Hex("signatureSha256"))
            && scheme.Verify(message, context, signature, publicKey);
    });

    private static void Run(int run, int leftOut, Func<JsonElement, bool> isOfThisTest, Func<SlhDsaScheme, JsonElement, bool> check)
    {
        VectorTally tally = new(Pack);
        var results = OwnVectors.Read(Pack).GetProperty("cases").EnumerateArray().AsParallel().Select(test => (
            Name: $"{test.Text("parameterSet")} {test.Number("case")}",
            IsRight: isOfThisTest(test) ? check(SlhDsaScheme.For(SlhDsaAlgorithms.Find(test.Text("parameterSet"))), test) : (bool?)null));
        foreach ((string name, bool? isRight) in results)
        {
            if (isRight is { } result)
            {
                tally.Add(name, result);
            }
            else
            {
                tally.LeaveOut();
            }
        }

        tally.Finish(run, leftOut);
    }
}

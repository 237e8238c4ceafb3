using System.Security.Cryptography;
using System.Text.Json;
using RonKms.PostQuantum.MLDsa;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.MLDsa;

/// <summary>The project's own vectors, made by an implementation that is not ours: vectors/mldsa.</summary>
public sealed class OwnVectorTests
{
    private const string Pack = "mldsa/mldsa.json";

    [Fact]
    public void AnotherImplementationMakesTheSameKeysAndSignatures()
    {
        VectorTally tally = new(Pack);
        foreach (JsonElement test in OwnVectors.Read(Pack).GetProperty("cases").EnumerateArray())
        {
            MLDsaParameters p = MLDsaAlgorithms.Find(test.Text("parameterSet"));
            using MLDsaPrivateKey key = new(p);
            byte[] publicKey = new byte[p.PublicKeySize];
            MLDsaInternal.KeyGen(test.Hex("seed"), key, publicKey);
            byte[] expanded = new byte[p.PrivateKeySize];
            ExpandedPrivateKey.Encode(key, expanded);

            byte[] message = test.Hex("message");
            byte[] context = test.Hex("context");
            byte[] zeros = new byte[MLDsaParameters.SeedSize];
            byte[] digest = SHA512.HashData(message);
            byte[] signature = Sign(key, FormattedMessage.Pure(message, context), zeros);
            byte[] hedged = Sign(key, FormattedMessage.Pure(message, context), test.Hex("rnd"));
            byte[] preHashed = Sign(key, FormattedMessage.PreHash(digest, PreHashFunction.Sha512, context), zeros);

            ManagedMLDsaAlgorithm algorithm = new(p.Id);
            SignOptions options = new() { Context = context };
            tally.Add(
                $"{p.Name} {test.Number("case")}",
                IsHash(test, "pkSha256", publicKey)
                    && IsHash(test, "skSha256", expanded)
                    && IsHash(test, "signatureSha256", signature)
                    && IsHash(test, "hedgedSignatureSha256", hedged)
                    && IsHash(test, "sha512SignatureSha256", preHashed)
                    && algorithm.Verify(publicKey, message, signature, options)
                    && algorithm.Verify(publicKey, message, hedged, options)
                    && algorithm.VerifyPreHash(publicKey, digest, PreHashFunction.Sha512, preHashed, options)
                    && (!test.TryGetProperty("signature", out _)
                        || (signature.AsSpan().SequenceEqual(test.Hex("signature")) && publicKey.AsSpan().SequenceEqual(test.Hex("pk")))));
        }

        tally.Finish(run: 36);
    }

    [Fact]
    public void PlatformMakesTheSameKeysAndTakesTheSignatures()
    {
        Assert.SkipUnless(PlatformMLDsaAlgorithm.IsSupported, "not run: the platform has no ML-DSA");
        VectorTally tally = new(Pack);
        foreach (JsonElement test in OwnVectors.Read(Pack).GetProperty("cases").EnumerateArray())
        {
            MLDsaParameters p = MLDsaAlgorithms.Find(test.Text("parameterSet"));
            PlatformMLDsaAlgorithm algorithm = new(p.Id);
            byte[] publicKey = new byte[p.PublicKeySize];
            byte[] signature = MLDsaAlgorithms.SignDeterministic(p, test.Hex("seed"), test.Hex("message"), test.Hex("context"));
            tally.Add(
                $"{p.Name} {test.Number("case")}",
                algorithm.TryGetPublicKey(test.Hex("seed"), publicKey)
                    && IsHash(test, "pkSha256", publicKey)
                    && IsHash(test, "signatureSha256", signature)
                    && algorithm.Verify(publicKey, test.Hex("message"), signature, new SignOptions { Context = test.Hex("context") }));
        }

        tally.Finish(run: 36);
    }

    private static byte[] Sign(MLDsaPrivateKey key, FormattedMessage message, byte[] rnd)
    {
        byte[] mu = new byte[MLDsaParameters.HashSize];
        message.HashTo(key.Tr, mu);
        byte[] signature = new byte[key.Parameters.SignatureSize];
        MLDsaInternal.Sign(key, mu, rnd, signature);
        return signature;
    }

    private static bool IsHash(JsonElement test, string name, byte[] value) => SHA256.HashData(value).AsSpan().SequenceEqual(test.Hex(name));
}

using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Algorithms;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.Hybrids;

/// <summary>The project's own vectors, made by implementations that are not ours: vectors/hybrid.</summary>
public sealed class HybridOwnVectorTests
{
    [Theory]
    [InlineData("hybrid/ed25519-mldsa65.json", "ed25519+mldsa65")]
    [InlineData("hybrid/composite-mldsa65-ed25519.json", "composite-mldsa65-ed25519")]
    public void AnotherImplementationMakesTheSameKeysAndSignatures(string pack, string name)
    {
        SignatureAlgorithm algorithm = HybridAlgorithms.Find(name);
        VectorTally tally = new(pack);
        foreach (JsonElement test in OwnVectors.Read(pack).GetProperty("cases").EnumerateArray())
        {
            byte[] secret = test.Hex("secret");
            byte[] message = test.Hex("message");
            byte[] context = algorithm.HasContext ? test.Hex("context") : [];
            SignOptions options = new() { Context = context };
            byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
            Assert.True(algorithm.TryGetPublicKey(secret, publicKey));
            byte[] own = new byte[algorithm.MaxSignatureSize];
            using (SigningKey key = algorithm.Open(secret, publicKey))
            {
                Assert.Equal(own.Length, key.Sign(message, own, options));
            }

            (byte[] signed, byte[] mldsa65Context) = HybridAlgorithms.Represent(algorithm.Id, message, context);
            byte[] seed = HybridAlgorithms.Split(algorithm.Id, secret, 32).MLDsa65;
            byte[] ed25519 = test.Hex("ed25519Signature");
            byte[] With(byte[] rnd) =>
                HybridAlgorithms.Join(algorithm.Id, ed25519, HybridAlgorithms.SignMLDsa65(seed, signed, mldsa65Context, rnd));
            byte[] signature = With(new byte[32]);
            byte[] hedged = With(test.Hex("rnd"));
            tally.Add(
                $"{name} {test.Number("case")}",
                IsHash(test, "pkSha256", publicKey)
                    && ed25519.AsSpan().SequenceEqual(HybridAlgorithms.Split(algorithm.Id, own, 64).Ed25519)
                    && IsHash(test, "signatureSha256", signature)
                    && IsHash(test, "hedgedSignatureSha256", hedged)
                    && algorithm.Verify(publicKey, message, hedged, options)
                    && test.GetProperty("verdicts").EnumerateArray().All(verdict => IsRight(algorithm, publicKey, message, signature, context, verdict))
                    && (!test.TryGetProperty("signature", out _)
                        || (signature.AsSpan().SequenceEqual(test.Hex("signature")) && publicKey.AsSpan().SequenceEqual(test.Hex("pk")))));
        }

        tally.Finish(run: 12);
    }

    private static bool IsRight(
        SignatureAlgorithm algorithm, byte[] publicKey, byte[] message, byte[] signature, byte[] context, JsonElement verdict)
    {
        byte[] changed = [.. signature];
        foreach (JsonElement bit in verdict.GetProperty("flippedBits").EnumerateArray())
        {
            changed[bit.GetInt32() / 8] ^= (byte)(1 << (bit.GetInt32() % 8));
        }

        bool ed25519 = verdict.GetProperty("ed25519").GetBoolean();
        bool mldsa65 = verdict.GetProperty("mldsa65").GetBoolean();
        bool Verify(HybridPolicy policy) =>
            algorithm.Verify(publicKey, message, changed, new SignOptions { Context = context, HybridPolicy = policy });
        return Verify(HybridPolicy.Both) == (ed25519 && mldsa65)
            && (!algorithm.HasHybridPolicy
                || (Verify(HybridPolicy.Either) == (ed25519 || mldsa65) && Verify(HybridPolicy.PostQuantum) == mldsa65));
    }

    private static bool IsHash(JsonElement test, string name, byte[] value) => SHA256.HashData(value).AsSpan().SequenceEqual(test.Hex(name));
}

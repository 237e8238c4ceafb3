using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

public sealed class X25519Tests
{
    private static readonly X25519Algorithm s_algorithm = new();

    [Fact]
    public void Rfc7748()
    {
        VectorTally tally = new("rfc/rfc7748_x25519.json");
        foreach (JsonElement test in Vectors.Read("rfc/rfc7748_x25519.json").EnumerateArray())
        {
            tally.Add(test.Text("output"), Multiply(test.Hex("scalar"), test.Hex("input")).AsSpan().SequenceEqual(test.Hex("output")));
        }

        tally.Finish(run: 6);
    }

    [Fact]
    public void Rfc7748Iterated()
    {
        const int MostRounds = 1000;
        VectorTally tally = new("rfc/rfc7748_x25519_iterated.json");
        foreach (JsonElement test in Vectors.Read("rfc/rfc7748_x25519_iterated.json").EnumerateArray())
        {
            if (test.Number("times") > MostRounds)
            {
                tally.LeaveOut();
                continue;
            }

            tally.Add(test.Number("times"), Iterate(test.Number("times")).AsSpan().SequenceEqual(test.Hex("key")));
        }

        tally.Finish(run: 2, leftOut: 1);
    }

    [Fact(Explicit = true)]
    public void Rfc7748IteratedAMillionTimes()
    {
        JsonElement test = Vectors.Read("rfc/rfc7748_x25519_iterated.json").EnumerateArray().Single(t => t.Number("times") == 1_000_000);
        Assert.Equal(test.Hex("key"), Iterate(test.Number("times")));
    }

    [Fact]
    public void AcvpSharedSecret()
    {
        VectorTally tally = new("acvp/XECDH-SSC-RFC7748.json");
        foreach ((_, JsonElement test) in Vectors.Cases(Vectors.Read("acvp/XECDH-SSC-RFC7748.json")))
        {
            bool isRight = Multiply(test.Hex("privateIut"), test.Hex("publicServer")).AsSpan().SequenceEqual(test.Hex("z"));
            tally.Add(test.Number("tcId"), isRight == test.GetProperty("testPassed").GetBoolean());
        }

        tally.Finish(run: 20);
    }

    [Fact]
    public void AcvpKeyGen()
    {
        VectorTally tally = new("acvp/XECDH-keyGen-RFC7748.json");
        byte[] publicKey = new byte[32];
        foreach ((_, JsonElement test) in Vectors.Cases(Vectors.Read("acvp/XECDH-keyGen-RFC7748.json")))
        {
            bool isRight = s_algorithm.TryGetPublicKey(test.Hex("privateKey"), publicKey) && publicKey.AsSpan().SequenceEqual(test.Hex("publicKey"));
            tally.Add(test.Number("tcId"), isRight);
        }

        tally.Finish(run: 8);
    }

    [Fact]
    public void AcvpKeyVer()
    {
        VectorTally tally = new("acvp/XECDH-keyVer-RFC7748.json");
        foreach ((_, JsonElement test) in Vectors.Cases(Vectors.Read("acvp/XECDH-keyVer-RFC7748.json")))
        {
            bool isValid = s_algorithm.IsValidPublicKey(test.Hex("publicKey"));
            tally.Add(test.Number("tcId"), isValid == test.GetProperty("testPassed").GetBoolean());
        }

        tally.Finish(run: 13);
    }

    [Fact]
    public void Wycheproof()
    {
        VectorTally tally = new("wycheproof/x25519_test.json");
        foreach ((_, JsonElement test) in Vectors.Cases(Vectors.Read("wycheproof/x25519_test.json")))
        {
            byte[] publicKey = test.Hex("public");
            byte[] shared = new byte[32];
            bool isComputed = X25519Algorithm.Multiply(test.Hex("private"), publicKey, shared);

            // What is merely acceptable there is in RFC 7748 (twist, non-canonical), but for the all-zero secret, which must not come out.
            bool isZero = test.Hex("shared").All(b => b == 0);
            bool isRight = isZero
                ? !isComputed && !s_algorithm.IsValidPublicKey(publicKey)
                : isComputed && s_algorithm.IsValidPublicKey(publicKey) && shared.AsSpan().SequenceEqual(test.Hex("shared"));
            tally.Add(test.Number("tcId"), isRight);
        }

        tally.Finish(run: 440);
    }

    [Fact]
    public void Rfc9180DhKem()
    {
        const int KemX25519 = 0x0020;
        const int LastModeWithoutSender = 1;
        VectorTally tally = new("hpke/rfc9180_x25519_hkdfsha256.json");
        foreach (JsonElement test in Vectors.Read("hpke/rfc9180_x25519_hkdfsha256.json").EnumerateArray())
        {
            // The modes with an authenticated sender are another KEM operation, which this library does not have.
            if (test.Number("mode") > LastModeWithoutSender || test.Number("kem_id") != KemX25519)
            {
                tally.LeaveOut();
                continue;
            }

            tally.Add(test.Text("enc"), IsRight(test));
        }

        tally.Finish(run: 2, leftOut: 2);

        static bool IsRight(JsonElement test)
        {
            byte[] publicKey = test.Hex("pkRm");
            byte[] enc = new byte[32];
            byte[] sent = new byte[32];
            byte[] received = new byte[32];
            using DecapsulationKey key = s_algorithm.Open(test.Hex("skRm"), publicKey);
            return DhKem.TryEncapsulate(publicKey, test.Hex("skEm"), enc, sent)
                && enc.AsSpan().SequenceEqual(test.Hex("enc"))
                && sent.AsSpan().SequenceEqual(test.Hex("shared_secret"))
                && key.TryDecapsulate(enc, received)
                && received.AsSpan().SequenceEqual(sent);
        }
    }

    [Fact]
    public void WycheproofHkdfSha256OfThePlatform()
    {
        const int MostOutput = 255 * SHA256.HashSizeInBytes;
        VectorTally tally = new("wycheproof/hkdf_sha256_test.json");
        foreach ((_, JsonElement test) in Vectors.Cases(Vectors.Read("wycheproof/hkdf_sha256_test.json")))
        {
            int size = test.Number("size");
            byte[] okm = new byte[size];
            if (size > MostOutput)
            {
                tally.Add(test.Number("tcId"), test.Text("result") == "invalid");
                Assert.ThrowsAny<ArgumentException>(() => HKDF.DeriveKey(HashAlgorithmName.SHA256, test.Hex("ikm"), okm, test.Hex("salt"), test.Hex("info")));
                continue;
            }

            HKDF.DeriveKey(HashAlgorithmName.SHA256, test.Hex("ikm"), okm, test.Hex("salt"), test.Hex("info"));
            tally.Add(test.Number("tcId"), test.Text("result") == "valid" && okm.AsSpan().SequenceEqual(test.Hex("okm")));
        }

        tally.Finish(run: 86);
    }

    [Fact]
    public void SmallOrderCiphertextDoesNotOpen()
    {
        using SecretBytes secret = s_algorithm.GenerateSecret();
        byte[] publicKey = new byte[32];
        Assert.True(s_algorithm.TryGetPublicKey(secret.Reveal(), publicKey));
        using DecapsulationKey key = s_algorithm.Open(secret.Reveal(), publicKey);
        foreach (byte[] point in SmallOrderPoints.OfCurve25519)
        {
            byte[] shared = new byte[32];
            shared.AsSpan().Fill(0xA5);
            Assert.False(key.TryDecapsulate(point, shared), Convert.ToHexString(point));
            Assert.Equal(new byte[32], shared);
        }
    }

    [Fact]
    public void SmallOrderPointTimesAScalarIsZeroAndSaidToBe()
    {
        byte[] product = new byte[32];
        foreach (byte[] point in SmallOrderPoints.OfCurve25519)
        {
            product.AsSpan().Fill(0xA5);
            Assert.False(X25519Algorithm.Multiply(new byte[32], point, product));
            Assert.Equal(new byte[32], product);
        }
    }

    [Fact]
    public void MultiplyTakesAndGives32Bytes()
    {
        Assert.Throws<ArgumentException>(() => X25519Algorithm.Multiply(new byte[31], new byte[32], new byte[32]));
        Assert.Throws<ArgumentException>(() => X25519Algorithm.Multiply(new byte[32], new byte[33], new byte[32]));
        Assert.Throws<ArgumentException>(() => X25519Algorithm.Multiply(new byte[32], new byte[32], new byte[31]));
    }

    private static byte[] Multiply(byte[] scalar, byte[] point)
    {
        byte[] product = new byte[32];
        Assert.True(X25519Algorithm.Multiply(scalar, point, product));
        return product;
    }

    private static byte[] Iterate(int times)
    {
        byte[] u = new byte[32];
        u[0] = 9;
        byte[] k = [.. u];
        for (int i = 0; i < times; i++)
        {
            (k, u) = (Multiply(k, u), k);
        }

        return k;
    }
}

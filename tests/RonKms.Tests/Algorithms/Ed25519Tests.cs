using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Algorithms;
using RonKms.Interop;

namespace RonKms.Tests.Algorithms;

public sealed class Ed25519Tests
{
    private static readonly Ed25519Algorithm s_algorithm = new();

    [Fact]
    public void AnOptionThatItDoesNotHaveIsRefusedInVerificationToo() => Assert.Throws<ArgumentException>(
        () => s_algorithm.Verify(new byte[32], "message"u8, new byte[64], new SignOptions { Context = "context"u8.ToArray() }));

    [Fact]
    public void Rfc8032()
    {
        VectorTally tally = new("rfc/rfc8032_ed25519.json");
        foreach (JsonElement test in Vectors.Read("rfc/rfc8032_ed25519.json").EnumerateArray())
        {
            tally.Add(test.Text("name"), Signs(test.Hex("secretKey"), test.Hex("publicKey"), test.Hex("message"), test.Hex("signature")));
        }

        tally.Finish(run: 5);
    }

    [Fact]
    public void AcvpKeyGen()
    {
        VectorTally tally = new("acvp/EDDSA-KeyGen-1.0.json");
        byte[] publicKey = new byte[32];
        foreach ((_, JsonElement test) in Vectors.Cases(Vectors.Read("acvp/EDDSA-KeyGen-1.0.json")))
        {
            tally.Add(test.Number("tcId"), s_algorithm.TryGetPublicKey(test.Hex("d"), publicKey) && publicKey.AsSpan().SequenceEqual(test.Hex("q")));
        }

        tally.Finish(run: 2);
    }

    [Fact]
    public void AcvpKeyVer()
    {
        VectorTally tally = new("acvp/EDDSA-KeyVer-1.0.json");
        foreach ((_, JsonElement test) in Vectors.Cases(Vectors.Read("acvp/EDDSA-KeyVer-1.0.json")))
        {
            tally.Add(test.Number("tcId"), s_algorithm.IsValidPublicKey(test.Hex("q")) == test.GetProperty("testPassed").GetBoolean());
        }

        tally.Finish(run: 3);
    }

    [Fact]
    public void AcvpSigGen()
    {
        VectorTally tally = new("acvp/EDDSA-SigGen-1.0.json");
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read("acvp/EDDSA-SigGen-1.0.json")))
        {
            if (group.GetProperty("preHash").GetBoolean())
            {
                tally.LeaveOut();
                continue;
            }

            tally.Add(test.Number("tcId"), Signs(group.Hex("d"), group.Hex("q"), test.Hex("message"), test.Hex("signature")));
        }

        tally.Finish(run: 34, leftOut: 34);
    }

    [Fact]
    public void AcvpSigVer()
    {
        VectorTally tally = new("acvp/EDDSA-SigVer-1.0.json");
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read("acvp/EDDSA-SigVer-1.0.json")))
        {
            if (group.GetProperty("preHash").GetBoolean())
            {
                tally.LeaveOut();
                continue;
            }

            bool isGood = s_algorithm.Verify(test.Hex("q"), test.Hex("message"), test.Hex("signature"));
            tally.Add(test.Number("tcId"), isGood == test.GetProperty("testPassed").GetBoolean());
        }

        tally.Finish(run: 4, leftOut: 4);
    }

    [Fact]
    public void Wycheproof()
    {
        VectorTally tally = new("wycheproof/ed25519_test.json");
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read("wycheproof/ed25519_test.json")))
        {
            bool isGood = s_algorithm.Verify(group.GetProperty("publicKey").Hex("pk"), test.Hex("msg"), test.Hex("sig"));
            tally.Add(test.Number("tcId"), isGood == (test.Text("result") == "valid"));
        }

        tally.Finish(run: 129);
    }

    [Fact]
    public void WycheproofKeysHaveTheirStandardForms()
    {
        VectorTally tally = new("wycheproof/ed25519_test.json, keys");
        foreach (JsonElement group in Vectors.Read("wycheproof/ed25519_test.json").GetProperty("testGroups").EnumerateArray())
        {
            byte[] publicKey = group.GetProperty("publicKey").Hex("pk");
            JsonElement jwk = group.GetProperty("publicKeyJwk");
            bool isSame = s_algorithm.ExportSubjectPublicKeyInfo(publicKey).AsSpan().SequenceEqual(group.Hex("publicKeyDer"))
                && s_algorithm.ExportJwk(publicKey).All(m => jwk.Text(m.Key) == m.Value);
            tally.Add(group.Text("publicKeyDer"), isSame && s_algorithm.IsValidPublicKey(publicKey));
        }

        tally.Finish(run: 67);
    }

    [Fact]
    public void SmallOrderKeyIsRefused()
    {
        Assert.Equal(14, SmallOrderPoints.OfEdwards25519.Count);
        foreach (byte[] point in SmallOrderPoints.OfEdwards25519)
        {
            Assert.False(s_algorithm.IsValidPublicKey(point), Convert.ToHexString(point));
        }
    }

    [Fact]
    public void SmallOrderKeyOrCommitmentNeverVerifies()
    {
        // With A and R of small order and S = 0, the equation without strict checks holds for one message in eight.
        byte[] signature = new byte[64];
        foreach (byte[] a in SmallOrderPoints.OfEdwards25519)
        {
            foreach (byte[] r in SmallOrderPoints.OfEdwards25519)
            {
                r.CopyTo(signature, 0);
                for (byte i = 0; i < 16; i++)
                {
                    Assert.False(s_algorithm.Verify(a, [i], signature));
                }
            }
        }
    }

    [Fact]
    public void NonCanonicalKeyIsRefused()
    {
        // y = p + k for the k that stay below 2^255; those on the curve would decode to the key whose y is k.
        int decodable = 0;
        for (byte k = 2; k < 19; k++)
        {
            byte[] point = new byte[32];
            point[0] = k;
            decodable += s_algorithm.IsValidPublicKey(point) ? 1 : 0;
            point.AsSpan().Fill(0xFF);
            point[0] = (byte)(0xED + k);
            point[31] = 0x7F;
            Assert.False(s_algorithm.IsValidPublicKey(point));
            point[31] = 0xFF;
            Assert.False(s_algorithm.IsValidPublicKey(point));
        }

        Assert.NotEqual(0, decodable);
    }

    [Fact]
    public void CommitmentOutsideItsCanonicalFormIsRefused()
    {
        // S + L satisfies the equation too.
        using SecretBytes seed = s_algorithm.GenerateSecret();
        byte[] publicKey = new byte[32];
        Assert.True(s_algorithm.TryGetPublicKey(seed.Reveal(), publicKey));
        using SigningKey key = s_algorithm.Open(seed.Reveal(), publicKey);
        byte[] signature = new byte[64];
        key.Sign([1], signature);
        BigInteger s = new(signature.AsSpan(32), isUnsigned: true);
        (s + GroupOrder).ToByteArray(isUnsigned: true).CopyTo(signature, 32);
        Assert.False(s_algorithm.Verify(publicKey, [1], signature));
    }

    [Fact]
    public void KeyWithASmallOrderComponentIsValidAndCanVerify()
    {
        // A' = A + T with T of order 8. Without cofactor, S·B = R + h·A' holds for an honest S exactly where 8 divides h.
        byte[] seed = new byte[32];
        byte[] publicKey = new byte[32];
        Assert.True(s_algorithm.TryGetPublicKey(seed, publicKey));
        byte[] mixed = new byte[32];
        Assert.Equal(0, Libsodium.crypto_core_ed25519_add(mixed, publicKey, SmallOrderPoints.OfOrderEight));
        Assert.True(s_algorithm.IsValidPublicKey(mixed));

        int verified = 0;
        for (int i = 1; i <= 64; i++)
        {
            byte[] nonceSeed = new byte[32];
            nonceSeed[0] = (byte)i;
            byte[] r = new byte[32];
            Assert.True(s_algorithm.TryGetPublicKey(nonceSeed, r));
            BigInteger h = new BigInteger(SHA512.HashData([.. r, .. mixed]), isUnsigned: true) % GroupOrder;
            BigInteger s = (ScalarOf(nonceSeed) + (h * ScalarOf(seed))) % GroupOrder;
            byte[] signature = [.. r, .. new byte[32]];
            s.ToByteArray(isUnsigned: true).CopyTo(signature, 32);
            bool isGood = s_algorithm.Verify(mixed, [], signature);
            Assert.Equal(h % 8 == 0, isGood);
            verified += isGood ? 1 : 0;
        }

        Assert.NotEqual(0, verified);
    }

    [Fact]
    public void CommitmentIsNeverWrittenWhereTheMessageLies()
    {
        // Past the check that refuses it: with R in the message before its second reading, S would be that of another message, and the
        // difference of two such signatures gives the scalar.
        byte[] publicKey = new byte[32];
        Assert.True(s_algorithm.TryGetPublicKey(new byte[32], publicKey));
        using SigningKey key = s_algorithm.Open(new byte[32], publicKey);
        byte[] message = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        byte[] apart = new byte[64];
        key.Sign(message, apart);
        foreach (int start in new[] { 0, 1, 36 })
        {
            byte[] both = [.. message];
            Assert.Equal(64, key.SignEntered(both, both.AsSpan(start), options: null));
            Assert.Equal(apart, both.AsSpan(start, 64).ToArray());
        }
    }

    [Fact]
    public void OpeningWithAnotherKeysPublicHalfIsRefused()
    {
        byte[] publicKey = new byte[32];
        Assert.True(s_algorithm.TryGetPublicKey(new byte[32], publicKey));
        publicKey[0] ^= 1;
        Assert.Throws<ArgumentException>(() => s_algorithm.Open(new byte[32], publicKey));
    }

    private static BigInteger GroupOrder => BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    private static BigInteger ScalarOf(byte[] seed)
    {
        byte[] scalar = SHA512.HashData(seed)[..32];
        scalar[0] &= 0xF8;
        scalar[31] = (byte)((scalar[31] & 0x7F) | 0x40);
        return new BigInteger(scalar, isUnsigned: true);
    }

    private static bool Signs(byte[] seed, byte[] publicKey, byte[] message, byte[] signature)
    {
        byte[] computed = new byte[32];
        byte[] made = new byte[64];
        if (!s_algorithm.TryGetPublicKey(seed, computed) || !computed.AsSpan().SequenceEqual(publicKey))
        {
            return false;
        }

        using SigningKey key = s_algorithm.Open(seed, publicKey);
        key.Sign(message, made);
        return made.AsSpan().SequenceEqual(signature) && s_algorithm.Verify(publicKey, message, signature);
    }
}

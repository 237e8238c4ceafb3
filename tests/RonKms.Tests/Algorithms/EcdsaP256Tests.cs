using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

public sealed class EcdsaP256Tests
{
    private static readonly EcdsaP256Algorithm s_algorithm = new();
    private static readonly SignOptions s_der = new() { EcdsaEncoding = EcdsaEncoding.Der };

    // RFC 6979, appendix A.2.5.
    private static readonly byte[] s_scalar = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
    private static readonly byte[] s_publicKey = Convert.FromHexString(
        "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6" + "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");

    private static readonly byte[] s_order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    [Fact]
    public void Rfc6979KeyAndSignature()
    {
        byte[] publicKey = new byte[65];
        Assert.True(s_algorithm.TryGetPublicKey(s_scalar, publicKey));
        Assert.Equal(s_publicKey, publicKey);
        byte[] signature = Convert.FromHexString(
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716" + "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
        Assert.True(s_algorithm.Verify(publicKey, "sample"u8, signature));
    }

    [Fact]
    public void WycheproofFixedSize()
    {
        VectorTally tally = new("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json");
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json")))
        {
            byte[] publicKey = group.GetProperty("publicKey").Hex("uncompressed");
            bool isGood = s_algorithm.Verify(publicKey, test.Hex("msg"), test.Hex("sig"));
            tally.Add(test.Number("tcId"), isGood == (test.Text("result") == "valid"));
        }

        tally.Finish(run: 262);
    }

    [Fact]
    public void WycheproofDer()
    {
        VectorTally tally = new("wycheproof/ecdsa_secp256r1_sha256_test.json");
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read("wycheproof/ecdsa_secp256r1_sha256_test.json")))
        {
            byte[] publicKey = group.GetProperty("publicKey").Hex("uncompressed");
            bool isGood = s_algorithm.Verify(publicKey, test.Hex("msg"), test.Hex("sig"), s_der);
            tally.Add(test.Number("tcId"), isGood == (test.Text("result") == "valid"));
        }

        tally.Finish(run: 484);
    }

    [Fact]
    public void WycheproofKeysHaveTheirStandardForms()
    {
        VectorTally tally = new("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json, keys");
        foreach (JsonElement group in Vectors.Read("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json").GetProperty("testGroups").EnumerateArray())
        {
            byte[] publicKey = group.GetProperty("publicKey").Hex("uncompressed");
            bool isSame = s_algorithm.ExportSubjectPublicKeyInfo(publicKey).AsSpan().SequenceEqual(group.Hex("publicKeyDer"));
            if (group.TryGetProperty("publicKeyJwk", out JsonElement jwk))
            {
                isSame &= s_algorithm.ExportJwk(publicKey).All(m => jwk.Text(m.Key) == m.Value);
            }

            tally.Add(group.Text("publicKeyDer"), isSame && s_algorithm.IsValidPublicKey(publicKey));
        }

        tally.Finish(run: 112);
    }

    [Fact]
    public void ScalarIsFromOneToTheOrderLessOne()
    {
        byte[] one = new byte[32];
        one[31] = 1;
        byte[] last = [.. s_order];
        last[31]--;
        byte[] afterOrder = [.. s_order];
        afterOrder[31]++;
        byte[] ones = new byte[32];
        ones.AsSpan().Fill(0xFF);
        byte[] publicKey = new byte[65];
        Assert.True(s_algorithm.TryGetPublicKey(one, publicKey));
        byte[] generator = [.. publicKey];
        Assert.True(s_algorithm.TryGetPublicKey(last, publicKey));
        Assert.Equal(generator[1..33], publicKey[1..33]);
        Assert.NotEqual(generator[33..], publicKey[33..]);
        Assert.All(new[] { new byte[32], s_order, afterOrder, ones }, s => Assert.False(s_algorithm.TryGetPublicKey(s, publicKey)));
    }

    [Fact]
    public void PointOffTheCurveOrInAnotherFormIsRefused()
    {
        Assert.True(s_algorithm.IsValidPublicKey(s_publicKey));
        for (int i = 0; i < s_publicKey.Length; i++)
        {
            byte[] changed = [.. s_publicKey];
            changed[i] ^= 1;
            Assert.False(s_algorithm.IsValidPublicKey(changed));
            Assert.False(s_algorithm.Verify(changed, [], new byte[64]));
        }

        byte[] compressed = [(byte)(2 + (s_publicKey[64] & 1)), .. s_publicKey[1..33]];
        Assert.False(s_algorithm.IsValidPublicKey(compressed));
        Assert.False(s_algorithm.IsValidPublicKey(new byte[65]));

        // x = 5 + p is not below p, though (5, y) is on the curve.
        byte[] small = new byte[65];
        small[0] = 4;
        small[32] = 5;
        Convert.FromHexString("459243B9AA581806FE913BCE99817ADE11CA503C64D9A3C533415C083248FBCC").CopyTo(small, 33);
        Assert.True(s_algorithm.IsValidPublicKey(small));
        Convert.FromHexString("FFFFFFFF00000001000000000000000000000001000000000000000000000004").CopyTo(small, 1);
        Assert.False(s_algorithm.IsValidPublicKey(small));
    }

    [Fact]
    public void SizeOfASignatureIsItsEncodings()
    {
        Assert.Equal(64, s_algorithm.GetSignatureSize(null));
        Assert.Equal(64, s_algorithm.GetSignatureSize(new SignOptions()));
        Assert.Equal(72, s_algorithm.GetSignatureSize(s_der));
    }

    [Fact]
    public void DerIsWhatThePlatformReadsAndOfAtMost72Bytes()
    {
        using ECDsa platform = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] pkcs8 = platform.ExportPkcs8PrivateKey();
        using SecretBytes secret = Assert.IsType<SecretBytes>(s_algorithm.ImportPkcs8(pkcs8));
        byte[] publicKey = new byte[65];
        Assert.True(s_algorithm.TryGetPublicKey(secret.Reveal(), publicKey));
        using SigningKey key = s_algorithm.Open(secret.Reveal(), publicKey);
        HashSet<int> sizes = [];
        for (int i = 0; i < 300; i++)
        {
            byte[] message = BitConverter.GetBytes(i);
            byte[] signature = new byte[72];
            int size = key.Sign(message, signature, s_der);
            sizes.Add(size);
            Assert.True(platform.VerifyData(message, signature.AsSpan(0, size), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        Assert.Contains(70, sizes);
        Assert.Contains(71, sizes);
        Assert.Contains(72, sizes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0x7F)]
    [InlineData(0x80)]
    [InlineData(0xFF)]
    public void DerOfSmallIntegersIsMinimal(byte value)
    {
        byte[] signature = new byte[64];
        signature[31] = value;
        signature[63] = value;
        byte[] der = new byte[72];
        der = der[..EcdsaDer.Encode(signature, der)];
        byte[] integer = value >= 0x80 ? [0x02, 0x02, 0x00, value] : [0x02, 0x01, value];
        Assert.Equal([0x30, (byte)(2 * integer.Length), .. integer, .. integer], der);
        byte[] decoded = new byte[64];
        Assert.True(EcdsaDer.TryDecode(der, decoded));
        Assert.Equal(signature, decoded);
    }
}

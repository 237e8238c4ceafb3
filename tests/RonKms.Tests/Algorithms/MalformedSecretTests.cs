using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

/// <summary>Private keys that another program could have written, each wrong in one place.</summary>
public sealed class MalformedSecretTests
{
    private static readonly byte[] s_scalar = [.. Enumerable.Repeat((byte)0x11, 32)];
    private static readonly byte[] s_ecPrivateKey = [0x02, 0x01, 0x01, 0x04, 0x20, .. s_scalar];
    private static readonly byte[] s_p256 = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
    private static readonly byte[] s_secp224r1 = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x21];

    public static TheoryData<string, byte[]> MalformedEcPrivateKeys => new()
    {
        { "another version", Sequence([0x02, 0x01, 0x02, .. s_ecPrivateKey[3..]]) },
        { "another curve", Sequence([.. s_ecPrivateKey, 0xA0, 0x07, .. s_secp224r1]) },
        { "something behind the curve", Sequence([.. s_ecPrivateKey, 0xA0, 0x0C, .. s_p256, 0x05, 0x00]) },
        { "an empty public key", Sequence([.. s_ecPrivateKey, 0xA1, 0x03, 0x03, 0x01, 0x00]) },
        { "something behind the public key", Sequence([.. s_ecPrivateKey, 0xA1, 0x06, 0x03, 0x02, 0x00, 0x04, 0x05, 0x00]) },
        { "something behind the key", Sequence([.. s_ecPrivateKey, 0x05, 0x00]) },
        { "a short scalar", Sequence([0x02, 0x01, 0x01, 0x04, 0x1F, .. s_scalar[1..]]) },
        { "a missing end", Sequence(s_ecPrivateKey)[..^1] },
    };

    [Fact]
    public void EcPrivateKeyIsReadWithItsCurveAndWithout()
    {
        foreach (byte[] der in new[] { Sequence(s_ecPrivateKey), Sequence([.. s_ecPrivateKey, 0xA0, 0x0A, .. s_p256]) })
        {
            Assert.True(P256.TryReadEcPrivateKey(der, out ReadOnlySpan<byte> scalar, out ReadOnlySpan<byte> point));
            Assert.Equal(s_scalar, scalar.ToArray());
            Assert.True(point.IsEmpty);
        }
    }

    [Theory]
    [MemberData(nameof(MalformedEcPrivateKeys))]
    public void MalformedEcPrivateKeyIsNone(string what, byte[] der)
    {
        Assert.False(P256.TryReadEcPrivateKey(der, out _, out _), what);
    }

    [Fact]
    public void MalformedRsaPrivateKeyIsNone()
    {
        RsaAlgorithm algorithm = new(KeyAlgorithm.Rsa2048);
        using RSA key = RSA.Create(2048);
        byte[] pkcs8 = key.ExportPkcs8PrivateKey();
        using (SecretBytes? secret = algorithm.ImportPkcs8(pkcs8))
        {
            Assert.NotNull(secret);
        }

        // RSAPrivateKey begins behind 26 bytes, the modulus 7 bytes further, the exponent 261 bytes behind that.
        const int Key = 26, Version = Key + 6, Exponent = Key + 7 + 261, Secret = Exponent + 5;
        Assert.Equal([0x02, 0x03, 0x01, 0x00, 0x01, 0x02], pkcs8[Exponent..(Secret + 1)]);
        foreach ((int at, byte changed) in new[] { (Key, (byte)0x31), (Version - 2, (byte)0x04), (Version, (byte)1), (Exponent + 4, (byte)3), (Secret, (byte)0x04) })
        {
            byte[] malformed = [.. pkcs8];
            malformed[at] = changed;
            Assert.Null(algorithm.ImportPkcs8(malformed));
        }
    }

    [Fact]
    public void SecretThatIsNoneIsNotOpened()
    {
        byte[] notOnTheCurve = [0x04, .. Enumerable.Repeat((byte)0x22, 64)];
        Assert.ThrowsAny<CryptographicException>(() => new EcdsaP256Algorithm().Open(s_scalar, notOnTheCurve));
        Assert.ThrowsAny<CryptographicException>(() => new RsaAlgorithm(KeyAlgorithm.Rsa2048).Open(new byte[100], new byte[256]));
    }

    [Theory]
    [InlineData("hmacsha256")]
    [InlineData("chacha20poly1305")]
    public void SymmetricAlgorithmHasNoPublicKey(string name)
    {
        KeyAlgorithm id = KeyAlgorithm.FindByName(name)!;
        Assert.True(AlgorithmCatalog.Classical.TryFind(id, out Algorithm? algorithm));
        Assert.False(algorithm!.IsValidPublicKey([]));
        Assert.Throws<NotSupportedException>(() => algorithm.ExportSubjectPublicKeyInfo([]));
        Assert.Throws<NotSupportedException>(() => algorithm.ExportJwk([]));
    }

    private static byte[] Sequence(byte[] content) => [0x30, checked((byte)content.Length), .. content];
}

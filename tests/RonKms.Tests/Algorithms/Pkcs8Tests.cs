using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

public sealed class Pkcs8Tests
{
    private const string Seed = "D4EE72DBF913584AD5B6D8F1F769F8AD3AFE7C28CBF1D4FBE097A88F44755842";
    private const string PublicKey = "19BF44096984CDFE8541BAC167DC3B96C85086AA30B6B6CB0C5C38AD703166E1";

    // RFC 8410, section 10.3: without, and with attribute and public key.
    private static readonly byte[] s_version1 =
        Convert.FromBase64String("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC");

    private static readonly byte[] s_version2 = Convert.FromBase64String(
        "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
        + "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");

    private static readonly Ed25519Algorithm s_ed25519 = new();
    private static readonly X25519Algorithm s_x25519 = new();
    private static readonly EcdsaP256Algorithm s_p256 = new();

    [Fact]
    public void Rfc8410KeysAreRead()
    {
        foreach (byte[] der in new[] { s_version1, s_version2 })
        {
            using SecretBytes? seed = s_ed25519.ImportPkcs8(der);
            Assert.NotNull(seed);
            Assert.Equal(Seed, Convert.ToHexString(seed.Reveal()));
            byte[] publicKey = new byte[32];
            Assert.True(s_ed25519.TryGetPublicKey(seed.Reveal(), publicKey));
            Assert.Equal(PublicKey, Convert.ToHexString(publicKey));
        }

        // RFC 8410, section 10.1.
        Assert.Equal(
            "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            Convert.ToBase64String(s_ed25519.ExportSubjectPublicKeyInfo(Convert.FromHexString(PublicKey))));
    }

    [Fact]
    public void Rfc8037Jwk() => Assert.Equal(
        [new("kty", "OKP"), new("crv", "Ed25519"), new("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")],
        s_ed25519.ExportJwk(Convert.FromHexString("D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A")));

    [Fact]
    public void X25519KeyIsReadAndTheOtherCurvesIsNot()
    {
        byte[] der = [.. s_version1];
        der[11] = 0x6E;
        using SecretBytes? scalar = s_x25519.ImportPkcs8(der);
        Assert.Equal(Seed, Convert.ToHexString(scalar!.Reveal()));
        Assert.Null(s_ed25519.ImportPkcs8(der));
        Assert.Null(s_x25519.ImportPkcs8(s_version1));
    }

    [Fact]
    public void AttachedPublicKeyMustBeTheSecrets()
    {
        byte[] der = [.. s_version2];
        der[^1] ^= 1;
        Assert.Null(s_ed25519.ImportPkcs8(der));
    }

    [Fact]
    public void EmptyAttachedPublicKeyIsRefused()
    {
        // Version 2 with an empty BIT STRING in place of the key: it must not be taken for a key that comes without one.
        byte[] der = [0x30, 0x31, 0x02, 0x01, 0x01, .. s_version1[5..], 0x81, 0x01, 0x00];
        Assert.Null(s_ed25519.ImportPkcs8(der));

        byte[] attached = [0x30, 0x51, 0x02, 0x01, 0x01, .. s_version1[5..], 0x81, 0x21, 0x00, .. Convert.FromHexString(PublicKey)];
        using SecretBytes? seed = s_ed25519.ImportPkcs8(attached);
        Assert.NotNull(seed);
    }

    [Fact]
    public void VersionMustSayWhetherAPublicKeyIsAttached()
    {
        byte[] one = [.. s_version1];
        one[4] = 1;
        byte[] two = [.. s_version2];
        two[4] = 0;
        byte[] three = [.. s_version1];
        three[4] = 2;
        Assert.All(new[] { one, two, three }, der => Assert.Null(s_ed25519.ImportPkcs8(der)));
    }

    [Fact]
    public void EveryTruncationAndTrailingByteIsRefused()
    {
        using ECDsa platform = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach ((Algorithm algorithm, byte[] der) in new (Algorithm, byte[])[]
        {
            (s_ed25519, s_version1), (s_ed25519, s_version2), (s_p256, platform.ExportPkcs8PrivateKey()),
        })
        {
            for (int length = 0; length < der.Length; length++)
            {
                Assert.Null(algorithm.ImportPkcs8(der.AsSpan(0, length)));
            }

            Assert.Null(algorithm.ImportPkcs8([.. der, 0]));
        }
    }

    [Fact]
    public void EveryChangedStructuralByteIsRefused()
    {
        // Before the seed there is nothing but structure.
        for (int i = 0; i < s_version1.Length - 32; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] der = [.. s_version1];
                der[i] ^= (byte)(1 << bit);
                Assert.Null(s_ed25519.ImportPkcs8(der));
            }
        }
    }

    [Fact]
    public void LongFormLengthIsRefused()
    {
        byte[] der = [0x30, 0x81, 0x2E, .. s_version1[2..]];
        Assert.Null(s_ed25519.ImportPkcs8(der));
    }

    [Fact]
    public void P256KeyOfThePlatformIsRead()
    {
        using ECDsa platform = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters parameters = platform.ExportParameters(includePrivateParameters: true);
        byte[] der = platform.ExportPkcs8PrivateKey();
        using SecretBytes? scalar = s_p256.ImportPkcs8(der);
        Assert.Equal(parameters.D, scalar?.Reveal().ToArray());

        byte[] otherPublicKey = [.. der];
        otherPublicKey[^1] ^= 1;
        Assert.Null(s_p256.ImportPkcs8(otherPublicKey));
    }

    [Fact]
    public void PublicKeyAttachedToAP256KeyMustBeTheSecrets()
    {
        byte[] scalar = [.. new byte[31], 1];
        byte[] publicKey = new byte[65];
        Assert.True(s_p256.TryGetPublicKey(scalar, publicKey));
        byte[] inner = [0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20, .. scalar];
        byte[] der = [0x30, 0x81, 0x85, 0x02, 0x01, 0x01, .. P256.AlgorithmIdentifier, 0x04, 0x27, .. inner, 0x81, 0x42, 0x00, .. publicKey];
        using SecretBytes? imported = s_p256.ImportPkcs8(der);
        Assert.Equal(scalar, imported?.Reveal().ToArray());

        der[^1] ^= 1;
        Assert.Null(s_p256.ImportPkcs8(der));
    }

    [Fact]
    public void P256KeyWithoutPublicKeyIsReadAndOnAnotherCurveIsNot()
    {
        // ECPrivateKey with the scalar 1 and nothing else.
        byte[] inner = [0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20, .. new byte[31], 1];
        byte[] der = [0x30, 0x41, 0x02, 0x01, 0x00, .. P256.AlgorithmIdentifier, 0x04, 0x27, .. inner];
        using SecretBytes? scalar = s_p256.ImportPkcs8(der);
        Assert.Equal(inner[7..], scalar?.Reveal().ToArray());

        der[^1] = 0;
        Assert.Null(s_p256.ImportPkcs8(der));
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        Assert.Null(s_p256.ImportPkcs8(other.ExportPkcs8PrivateKey()));
    }
}

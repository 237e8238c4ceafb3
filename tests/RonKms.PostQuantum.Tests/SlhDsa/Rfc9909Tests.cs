using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

public sealed class Rfc9909Tests
{
    // The keys of RFC 9909's appendix of examples.
    private const string PublicPem = """
        -----BEGIN PUBLIC KEY-----
        MDAwCwYJYIZIAWUDBAMUAyEAK4EJ7Hd8qk4fAkzPz5SX2ZGAUJKA9CVq8rB6+AKJ
        tJQ=
        -----END PUBLIC KEY-----
        """;

    private const string PrivatePem = """
        -----BEGIN PRIVATE KEY-----
        MFICAQAwCwYJYIZIAWUDBAMUBECiJjvKRYYINlIxYASVI9YhZ3+tkNUetgZ6Mn4N
        HmSlASuBCex3fKpOHwJMz8+Ul9mRgFCSgPQlavKwevgCibSU
        -----END PRIVATE KEY-----
        """;

    private static readonly ManagedSlhDsaAlgorithm s_sha2128s = new(KeyAlgorithm.SlhDsaSha2_128s);
    private static readonly ManagedSlhDsaAlgorithm s_shake128f = new(KeyAlgorithm.SlhDsaShake128f);

    [Fact]
    public void ExampleOfTheRfcIsImportedAndExported()
    {
        using SecretBytes secret = Assert.IsType<SecretBytes>(s_sha2128s.ImportPkcs8(Decode(PrivatePem)));
        byte[] publicKey = new byte[32];
        Assert.True(s_sha2128s.TryGetPublicKey(secret.Reveal(), publicKey));
        Assert.Equal(Decode(PublicPem), s_sha2128s.ExportSubjectPublicKeyInfo(publicKey));
        Assert.Null(s_shake128f.ImportPkcs8(Decode(PrivatePem)));
    }

    [Theory]
    [MemberData(nameof(SlhDsaAlgorithms.Sets), MemberType = typeof(SlhDsaAlgorithms))]
    public void EverySetHasItsObjectIdentifierAndItsJwkName(string name)
    {
        SlhDsaParameters p = SlhDsaAlgorithms.Find(name);
        ManagedSlhDsaAlgorithm algorithm = new(p.Id);
        byte[] publicKey = RandomNumberGenerator.GetBytes(p.PublicKeySize);
        AsnReader info = new AsnReader(algorithm.ExportSubjectPublicKeyInfo(publicKey), AsnEncodingRules.DER).ReadSequence();
        Assert.Equal(OidOf(name), info.ReadSequence().ReadObjectIdentifier());
        Assert.Equal(
            [new("kty", "AKP"), new("alg", name), new("pub", Base64Url.EncodeToString(publicKey))], algorithm.ExportJwk(publicKey));
    }

    [Fact]
    public void AttachedPublicKeyMustBeTheSecrets()
    {
        using SecretBytes secret = s_shake128f.GenerateSecret();
        byte[] privateKey = secret.Reveal().ToArray();
        byte[] publicKey = privateKey[32..];
        using (SecretBytes imported = Assert.IsType<SecretBytes>(s_shake128f.ImportPkcs8(Pkcs8(privateKey, publicKey))))
        {
            Assert.Equal(privateKey, imported.Reveal());
        }

        publicKey[0] ^= 1;
        Assert.Null(s_shake128f.ImportPkcs8(Pkcs8(privateKey, publicKey)));
    }

    [Fact]
    public void MalformedOrInconsistentPrivateKeyIsRefused()
    {
        using SecretBytes secret = s_shake128f.GenerateSecret();
        byte[] privateKey = secret.Reveal().ToArray();
        byte[] good = Pkcs8(privateKey, publicKey: null);
        using (SecretBytes imported = Assert.IsType<SecretBytes>(s_shake128f.ImportPkcs8(good)))
        {
            Assert.Equal(privateKey, imported.Reveal());
        }

        byte[] otherRoot = [.. privateKey];
        otherRoot[^1] ^= 1;
        byte[] wrapped = [0x04, 0x40, .. privateKey];
        foreach (byte[] content in new[] { otherRoot, privateKey[..^1], [.. privateKey, 0], wrapped, [] })
        {
            Assert.Null(s_shake128f.ImportPkcs8(Pkcs8(content, publicKey: null)));
        }

        Assert.Null(s_shake128f.ImportPkcs8([.. good, 0]));
        Assert.Null(s_shake128f.ImportPkcs8(good.AsSpan(1)));
    }

    private static string OidOf(string name) => "2.16.840.1.101.3.4.3." + name switch
    {
        "SLH-DSA-SHA2-128s" => 20,
        "SLH-DSA-SHA2-128f" => 21,
        "SLH-DSA-SHA2-192s" => 22,
        "SLH-DSA-SHA2-192f" => 23,
        "SLH-DSA-SHA2-256s" => 24,
        "SLH-DSA-SHA2-256f" => 25,
        "SLH-DSA-SHAKE-128s" => 26,
        "SLH-DSA-SHAKE-128f" => 27,
        "SLH-DSA-SHAKE-192s" => 28,
        "SLH-DSA-SHAKE-192f" => 29,
        "SLH-DSA-SHAKE-256s" => 30,
        "SLH-DSA-SHAKE-256f" => 31,
        _ => throw new ArgumentException(name, nameof(name)),
    };

    private static byte[] Pkcs8(byte[] content, byte[]? publicKey)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(publicKey is null ? 0 : 1);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(OidOf("SLH-DSA-SHAKE-128f"));
            }

            writer.WriteOctetString(content);
            if (publicKey is not null)
            {
                writer.WriteBitString(publicKey, tag: new Asn1Tag(TagClass.ContextSpecific, 1));
            }
        }

        return writer.Encode();
    }

    private static byte[] Decode(string pem) => Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
}

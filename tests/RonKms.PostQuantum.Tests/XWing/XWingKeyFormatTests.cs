using System.Formats.Asn1;
using System.Security.Cryptography;
using RonKms.PostQuantum.XWing;

namespace RonKms.PostQuantum.Tests.XWing;

/// <summary>X-Wing keys in X.509 and PKCS#8, against the example that comes with the draft.</summary>
public sealed class XWingKeyFormatTests
{
    private const string Oid = "1.3.6.1.4.1.62253.25722";

    // x509/xwing.priv of the draft's repository: the seed 00 to 1f. Its public key's encoding, xwing.pub, by SHA-256.
    private const string DraftPrivateKey = "MDQCAQAwDQYLKwYBBAGD5i2ByHoEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    private const string DraftPublicKeySha256 = "11f463e56a32c42e69011a2c34e0487090b71b07be7356a91f5b9452ca3c0695";

    private static readonly XWingAlgorithm s_algorithm = XWingAlgorithms.Managed;
    private static readonly byte[] s_seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void DraftsPrivateKeyIsImported()
    {
        using SecretBytes? seed = s_algorithm.ImportPkcs8(Convert.FromBase64String(DraftPrivateKey));
        Assert.NotNull(seed);
        Assert.Equal(s_seed, seed.Reveal());
    }

    [Fact]
    public void PublicKeyIsExportedAsTheDraftsIs() => Assert.Equal(
        DraftPublicKeySha256,
        Convert.ToHexStringLower(SHA256.HashData(s_algorithm.ExportSubjectPublicKeyInfo(XWingAlgorithms.PublicKeyOf(s_seed)))));

    [Fact]
    public void WhatTheDraftDoesNotAllowIsNotImported()
    {
        byte[] publicKey = XWingAlgorithms.PublicKeyOf(s_seed);
        Assert.NotNull(s_algorithm.ImportPkcs8(Encode(0, Oid, s_seed, null)));
        Assert.Null(s_algorithm.ImportPkcs8(Encode(1, Oid, s_seed, publicKey)));
        Assert.Null(s_algorithm.ImportPkcs8(Encode(0, Oid, s_seed[1..], null)));
        Assert.Null(s_algorithm.ImportPkcs8(Encode(0, Oid, [.. s_seed, 0], null)));
        Assert.Null(s_algorithm.ImportPkcs8(Encode(0, Oid, [0x04, 0x20, .. s_seed], null)));
        Assert.Null(s_algorithm.ImportPkcs8(Encode(0, "2.16.840.1.101.3.4.4.2", s_seed, null)));
        Assert.Null(s_algorithm.ImportPkcs8([.. Convert.FromBase64String(DraftPrivateKey), 0]));
    }

    [Fact]
    public void JwkIsRefusedWithWhatToUseInstead()
    {
        NotSupportedException refusal = Assert.Throws<NotSupportedException>(() => s_algorithm.ExportJwk(XWingAlgorithms.PublicKeyOf(s_seed)));
        Assert.Contains("SubjectPublicKeyInfo", refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Encode(int version, string oid, byte[] privateKey, byte[]? publicKey)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(version);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(oid);
            }

            writer.WriteOctetString(privateKey);
            if (publicKey is not null)
            {
                writer.WriteBitString(publicKey, 0, new Asn1Tag(TagClass.ContextSpecific, 1));
            }
        }

        return writer.Encode();
    }
}

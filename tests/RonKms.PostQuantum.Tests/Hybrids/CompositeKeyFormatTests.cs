using System.Formats.Asn1;
using RonKms.Algorithms;

namespace RonKms.PostQuantum.Tests.Hybrids;

/// <summary>The composite's keys in PKCS#8 and PEM, beyond the draft's own vectors; the separable hybrid, which has no such forms.</summary>
public sealed class CompositeKeyFormatTests
{
    private const string Composite = "1.3.6.1.5.5.7.6.48";

    private static readonly byte[] s_secret = [.. Enumerable.Range(1, 64).Select(i => (byte)i)];

    private readonly SignatureAlgorithm _algorithm = HybridAlgorithms.Find("composite-mldsa65-ed25519");

    [Fact]
    public void AttachedPublicKeyMustBeTheSecrets()
    {
        byte[] publicKey = new byte[1984];
        Assert.True(_algorithm.TryGetPublicKey(s_secret, publicKey));
        using SecretBytes? imported = _algorithm.ImportPkcs8(Pkcs8(Composite, s_secret, publicKey));
        Assert.Equal(s_secret, imported!.Reveal());
        publicKey[^1] ^= 1;
        Assert.Null(_algorithm.ImportPkcs8(Pkcs8(Composite, s_secret, publicKey)));
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.6.39", 64)]
    [InlineData("2.16.840.1.101.3.4.3.18", 64)]
    [InlineData(Composite, 32)]
    [InlineData(Composite, 63)]
    [InlineData(Composite, 65)]
    public void AnotherAlgorithmsOrSizesKeyIsNotImported(string oid, int size)
    {
        byte[] secret = new byte[size];
        s_secret.AsSpan(0, Math.Min(size, 64)).CopyTo(secret);
        Assert.Null(_algorithm.ImportPkcs8(Pkcs8(oid, secret)));
    }

    [Fact]
    public void CutAndChangedEncodingsAreNotImported()
    {
        byte[] der = Pkcs8(Composite, s_secret);
        using (SecretBytes? imported = _algorithm.ImportPkcs8(der))
        {
            Assert.NotNull(imported);
        }

        for (int length = 0; length < der.Length; length++)
        {
            Assert.Null(_algorithm.ImportPkcs8(der.AsSpan(0, length)));
        }

        Assert.Null(_algorithm.ImportPkcs8([.. der, 0]));
    }

    [Fact]
    public void PublicKeyIsWrittenAsPem()
    {
        byte[] raw = new byte[1984];
        Assert.True(_algorithm.TryGetPublicKey(s_secret, raw));
        KmsPublicKey publicKey = KmsPublicKey.FromRaw(KeyAlgorithm.CompositeMLDsa65Ed25519, raw, TestedProvider.Catalog);
        Assert.StartsWith("-----BEGIN PUBLIC KEY-----\nMIIH0TAKBggrBgEFBQcGMAOCB8EA", publicKey.ToPem(), StringComparison.Ordinal);
        Assert.Contains("No standard", Assert.Throws<NotSupportedException>(publicKey.ToJwk).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SeparableHybridHasNoStandardFormAndSaysWhatToDo()
    {
        SignatureAlgorithm separable = HybridAlgorithms.Find("ed25519+mldsa65");
        byte[] raw = new byte[1984];
        Assert.True(separable.TryGetPublicKey(s_secret, raw));
        KmsPublicKey publicKey = KmsPublicKey.FromRaw(KeyAlgorithm.Ed25519MLDsa65, raw, TestedProvider.Catalog);
        foreach (Func<object> form in new Func<object>[] { publicKey.ToPem, publicKey.ToJwk, publicKey.ExportSubjectPublicKeyInfo })
        {
            Assert.Contains("raw public key", Assert.Throws<NotSupportedException>(form).Message, StringComparison.Ordinal);
        }

        Assert.Null(separable.ImportPkcs8(Pkcs8(Composite, s_secret)));
    }

    private static byte[] Pkcs8(string oid, byte[] secret, byte[]? publicKey = null)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(publicKey is null ? 0 : 1);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(oid);
            }

            writer.WriteOctetString(secret);
            if (publicKey is not null)
            {
                writer.WriteBitString(publicKey, tag: new Asn1Tag(TagClass.ContextSpecific, 1));
            }
        }

        return writer.Encode();
    }
}

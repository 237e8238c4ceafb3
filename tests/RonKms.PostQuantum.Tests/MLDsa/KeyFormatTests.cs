using System.Formats.Asn1;
using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests.MLDsa;

/// <summary>RFC 9881, and JSON Web Keys of the type AKP.</summary>
public sealed class KeyFormatTests
{
    private static readonly byte[] s_seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly Asn1Tag s_seedTag = new(TagClass.ContextSpecific, 0);

    [Fact]
    public void SubjectPublicKeyInfoIsTheOneOfTheRfc()
    {
        // RFC 9881, appendix C: the public key of this seed begins so.
        byte[] der = new ManagedMLDsaAlgorithm(KeyAlgorithm.MLDsa44).ExportSubjectPublicKeyInfo(PublicKeyOf(KeyAlgorithm.MLDsa44));
        Assert.Equal(1334, der.Length);
        Assert.StartsWith("MIIFMjALBglghkgBZQMEAxEDggUhANeytHJUquDbReeTDUqY0sl9jxOX0Xidr6Fw", Convert.ToBase64String(der), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ML-DSA-44", "2.16.840.1.101.3.4.3.17")]
    [InlineData("ML-DSA-65", "2.16.840.1.101.3.4.3.18")]
    [InlineData("ML-DSA-87", "2.16.840.1.101.3.4.3.19")]
    public void PublicKeyNamesItsAlgorithmAndNoParameters(string name, string oid)
    {
        ManagedMLDsaAlgorithm algorithm = new(MLDsaAlgorithms.Find(name).Id);
        byte[] publicKey = PublicKeyOf(algorithm.Id);
        AsnReader reader = new AsnReader(algorithm.ExportSubjectPublicKeyInfo(publicKey), AsnEncodingRules.DER).ReadSequence();
        AsnReader identifier = reader.ReadSequence();
        Assert.Equal(oid, identifier.ReadObjectIdentifier());
        Assert.False(identifier.HasData);
        Assert.Equal(publicKey, reader.ReadBitString(out _));

        Assert.Equal(
            [new("kty", "AKP"), new("alg", name), new("pub", System.Buffers.Text.Base64Url.EncodeToString(publicKey))],
            algorithm.ExportJwk(publicKey));
    }

    [Fact]
    public void SeedFormOfTheRfcIsImported()
    {
        // RFC 9881, appendix C.1.1: ML-DSA-44, the seed alone.
        byte[] pkcs8 = Convert.FromBase64String("MDQCAQAwCwYJYIZIAWUDBAMRBCKAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f");
        using SecretBytes? secret = new ManagedMLDsaAlgorithm(KeyAlgorithm.MLDsa44).ImportPkcs8(pkcs8);
        Assert.Equal(s_seed, secret!.Reveal());
        Assert.Null(new ManagedMLDsaAlgorithm(KeyAlgorithm.MLDsa65).ImportPkcs8(pkcs8));
        Assert.Null(new ManagedMLDsaAlgorithm(KeyAlgorithm.MLDsa44).ImportPkcs8([.. pkcs8, 0]));
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void FormWithBothIsImportedWhereTheyAgreeAlone(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        byte[] expanded = ExpandedOf(p);
        using (SecretBytes? secret = Import(p, w => Both(w, s_seed, expanded)))
        {
            Assert.Equal(s_seed, secret!.Reveal());
        }

        // In ρ, K, tr, s1 and t0.
        foreach (int place in new[] { 0, 32, 64, 128, expanded.Length - 1 })
        {
            byte[] changed = [.. expanded];
            changed[place] ^= 1;
            Assert.Null(Import(p, w => Both(w, s_seed, changed)));
        }

        Assert.Null(Import(p, w => Both(w, [.. s_seed.Reverse()], expanded)));
        Assert.Null(Import(p, w => Both(w, s_seed, expanded[1..])));
        Assert.Null(Import(p, w => Both(w, s_seed[1..], expanded)));
        Assert.Null(Import(p, w => Both(w, s_seed, [])));
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void ExpandedKeyWithoutItsSeedIsRefusedWithTheReason(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        byte[] expanded = ExpandedOf(p);
        KmsException refusal = Assert.Throws<KmsException>(() => Import(p, w => w.WriteOctetString(expanded)));
        Assert.Equal(KmsError.ImportRefused, refusal.Error);
        Assert.Contains("seed", refusal.Message, StringComparison.Ordinal);
        Assert.Null(Import(p, w => w.WriteOctetString(expanded.AsSpan()[1..])));
    }

    [Fact]
    public void OtherSeedFormsAreRefused()
    {
        MLDsaParameters p = MLDsaParameters.MLDsa65;
        Assert.NotNull(Import(p, w => w.WriteOctetString(s_seed, s_seedTag)));
        Assert.Null(Import(p, w => w.WriteOctetString(s_seed.AsSpan()[1..], s_seedTag)));
        Assert.Null(Import(p, w => w.WriteOctetString([.. s_seed, 0], s_seedTag)));
        Assert.Null(Import(p, w => w.WriteOctetString([], s_seedTag)));
        Assert.Null(Import(p, w => w.WriteOctetString(s_seed)));
        Assert.Null(Import(p, w => w.WriteOctetString(s_seed, new Asn1Tag(TagClass.ContextSpecific, 1))));
        Assert.Null(Import(p, w => w.WriteInteger(7)));
        Assert.Null(Import(p, w =>
        {
            w.WriteOctetString(s_seed, s_seedTag);
            w.WriteNull();
        }));
    }

    [Fact]
    public void AttachedPublicKeyMustBeTheSeedsOwn()
    {
        MLDsaParameters p = MLDsaParameters.MLDsa65;
        byte[] publicKey = PublicKeyOf(p.Id);
        Assert.NotNull(Import(p, w => w.WriteOctetString(s_seed, s_seedTag), publicKey));
        publicKey[40] ^= 1;
        Assert.Null(Import(p, w => w.WriteOctetString(s_seed, s_seedTag), publicKey));
    }

    private static SecretBytes? Import(MLDsaParameters p, Action<AsnWriter> writePrivateKey, byte[]? attached = null)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(attached is null ? 0 : 1);
            writer.WriteEncodedValue(p.AlgorithmIdentifier);
            AsnWriter inner = new(AsnEncodingRules.DER);
            writePrivateKey(inner);
            writer.WriteOctetString(inner.Encode());
            if (attached is not null)
            {
                writer.WriteBitString(attached, tag: new Asn1Tag(TagClass.ContextSpecific, 1));
            }
        }

        return new ManagedMLDsaAlgorithm(p.Id).ImportPkcs8(writer.Encode());
    }

    private static void Both(AsnWriter writer, byte[] seed, byte[] expandedKey)
    {
        using (writer.PushSequence())
        {
            writer.WriteOctetString(seed);
            writer.WriteOctetString(expandedKey);
        }
    }

    private static byte[] ExpandedOf(MLDsaParameters p)
    {
        using MLDsaPrivateKey key = new(p);
        MLDsaInternal.KeyGen(s_seed, key, new byte[p.PublicKeySize]);
        byte[] expanded = new byte[p.PrivateKeySize];
        ExpandedPrivateKey.Encode(key, expanded);
        return expanded;
    }

    private static byte[] PublicKeyOf(KeyAlgorithm id)
    {
        byte[] publicKey = new byte[id.PublicKeySize];
        Assert.True(new ManagedMLDsaAlgorithm(id).TryGetPublicKey(s_seed, publicKey));
        return publicKey;
    }
}

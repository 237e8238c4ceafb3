using System.Buffers.Text;
using System.Formats.Asn1;
using System.Text;
using RonKms.PostQuantum.MLDsa;
using SHA256 = System.Security.Cryptography.SHA256;

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
            [new("kty", "AKP"), new("alg", name), new("pub", Base64Url.EncodeToString(publicKey))],
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

    /// <summary>The example keys of RFC 9881, appendix C.1 and C.2, by SHA-256; OpenSSL's test data (3.5.7, 15-test_ml_dsa_codecs_data) are the same keys.</summary>
    [Theory]
    [InlineData(
        "ML-DSA-44",
        "c823cb6a31172daa8af670a22c0f049af972bf1cb39a4a95971aa8c0c659dff4",
        "35cb529103b3a9ed502fecb438a671ff11bb05fb4afa99301d06240883a74106",
        "e355e29f28e537fcf3aff28354016415146d7f801a57136c241bb6e9addfaa30",
        "837832708c5236d951581f1fddf2b79991b3424a0486d16da1ddad0fd69701be")]
    [InlineData(
        "ML-DSA-65",
        "af965903772933b6acc59764f335fcad9b5c61cdab2b368eabf224e7c29e31ac",
        "fae10810e47ed4b41851065b40bb60547e816ebf31b0738b4ed4af57337706ec",
        "5259463f8ec68e21b8c179a7e49dba184fd24280080bd5bb78af94d7a2a0ac81",
        "b8b62131bfbe84433efb2273d7f5b87f7a22854a2cfd366fc2aead86d837c52d")]
    [InlineData(
        "ML-DSA-87",
        "72cc4260a8d3d7622801ea98636123866d00e236d5f77221039c862325e02754",
        "8e2e40f141d1d6788d074de4124a744ee3106697ae6c01faccf855510079ecb3",
        "c71913419ea426e99da06330e3b06b2ab47448f1aff520479358e3cb71f5c1d6",
        "07e57c4f14dbad1267f621ec3777b4e2e6c4fbc4c22fbb87510ff8e0b3c6a642")]
    public void ExamplesOfTheRfcAreReadInEachFormAndTheirPublicKeyIsWritten(string name, string seed, string expanded, string both, string publicKey)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        ManagedMLDsaAlgorithm algorithm = new(p.Id);
        byte[] expandedKey = ExpandedOf(p);
        byte[] seedForm = Pkcs8(p, w => w.WriteOctetString(s_seed, s_seedTag));
        byte[] expandedForm = Pkcs8(p, w => w.WriteOctetString(expandedKey));
        byte[] bothForm = Pkcs8(p, w => Both(w, s_seed, expandedKey));
        byte[] spki = algorithm.ExportSubjectPublicKeyInfo(PublicKeyOf(p.Id));
        Assert.Equal([seed, expanded, both, publicKey], new[] { seedForm, expandedForm, bothForm, spki }.Select(der => Convert.ToHexStringLower(SHA256.HashData(der))));

        using SecretBytes? fromSeed = algorithm.ImportPkcs8(seedForm);
        Assert.Equal(s_seed, fromSeed!.Reveal());
        using SecretBytes? fromBoth = algorithm.ImportPkcs8(bothForm);
        Assert.Equal(s_seed, fromBoth!.Reveal());
        Assert.Equal(KmsError.ImportRefused, Assert.Throws<KmsException>(() => algorithm.ImportPkcs8(expandedForm)).Error);
    }

    [Theory]
    [InlineData("ML-DSA-44", "T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o")]
    [InlineData("ML-DSA-65", "Suiu29qbfuaBaR4Ats-c6XQBePB_OpAxAwcTR_0KXVM")]
    public void JwkHasTheThumbprintOfTheDraft(string name, string thumbprint)
    {
        // draft-ietf-cose-dilithium, appendix of examples: seed of zeros, and as kid the thumbprint of RFC 7638, section 3.
        ManagedMLDsaAlgorithm algorithm = new(MLDsaAlgorithms.Find(name).Id);
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(new byte[32], publicKey));
        string members = string.Join(',', algorithm.ExportJwk(publicKey).OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"\"{m.Key}\":\"{m.Value}\""));
        Assert.Equal(thumbprint, Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($"{{{members}}}"))));
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

    private static SecretBytes? Import(MLDsaParameters p, Action<AsnWriter> writePrivateKey, byte[]? attached = null) =>
        new ManagedMLDsaAlgorithm(p.Id).ImportPkcs8(Pkcs8(p, writePrivateKey, attached));

    private static byte[] Pkcs8(MLDsaParameters p, Action<AsnWriter> writePrivateKey, byte[]? attached = null)
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

        return writer.Encode();
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

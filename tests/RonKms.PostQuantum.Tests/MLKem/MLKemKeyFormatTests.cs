using System.Buffers.Text;
using System.Formats.Asn1;
using RonKms.PostQuantum.MLKem;
using SHA256 = System.Security.Cryptography.SHA256;

namespace RonKms.PostQuantum.Tests.MLKem;

public sealed class MLKemKeyFormatTests
{
    // The seed of the example keys of RFC 9935, appendix C: 00 01 02 … 3f.
    private static readonly byte[] s_seed = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];

    private static readonly Asn1Tag s_context = new(TagClass.ContextSpecific, 0);

    public static TheoryData<string> Names => ["ML-KEM-512", "ML-KEM-768", "ML-KEM-1024"];

    [Theory]
    [InlineData("ML-KEM-512", "MFQCAQAwCwYJYIZIAWUDBAQBBEKAQAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=")]
    [InlineData("ML-KEM-768", "MFQCAQAwCwYJYIZIAWUDBAQCBEKAQAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=")]
    [InlineData("ML-KEM-1024", "MFQCAQAwCwYJYIZIAWUDBAQDBEKAQAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=")]
    public void ExampleOfRfc9935IsImported(string name, string pkcs8)
    {
        using SecretBytes? secret = MLKemAlgorithms.Find(name).ImportPkcs8(Convert.FromBase64String(pkcs8));
        Assert.Equal(s_seed, secret!.Reveal());
        Assert.Equal(pkcs8, Convert.ToBase64String(Seed(MLKemAlgorithms.Find(name))));
    }

    /// <summary>The example keys of RFC 9935, appendix C.1 and C.2, by SHA-256; OpenSSL's test data (3.5.7, 15-test_ml_kem_codecs_data) are the same keys.</summary>
    [Theory]
    [InlineData(
        "ML-KEM-512",
        "38be7feecbbe6e6e466a0d7b5bb53e09040c3678e22fb2c0772c701c2372c858",
        "8426d7497a2ff1a4854b7d1ece4e8f976c721f314c3f653189f8e4b2a2bc5b0d",
        "0e3c8b89b54202d2545f7aba2e2aaa3cffa7b6191919ad738fab35b4f313cf71")]
    [InlineData(
        "ML-KEM-768",
        "994f7473b34fad03c2b36a500af9002dad15afa50473cef5ea217325c7156f9e",
        "95738d2a0b7252a16b1474b9fb4e0c8ddaa6fe70db7903ade4a385909ee0d165",
        "c23e23dd3d485a9256cda09358a4a286e00b373db10761eadf99f710649ca31c")]
    [InlineData(
        "ML-KEM-1024",
        "9cded660a340a6e7fdb93a4984e1e67764ade8e59be4db48b6921aeee5e6c795",
        "91004b1817d798dd3972439b8332a3a1b862f89c4e98b4ca2accd4f21afb9abb",
        "d2b7480ae006a14b37c1e8a8e45ea39022e32a9b1a7b90d594c84d869c6ac420")]
    public void OtherFormsOfTheRfcsExampleAreReadAndItsPublicKeyIsWritten(string name, string expanded, string both, string publicKey)
    {
        ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(name);
        byte[] bothForm = Both(algorithm, Expanded(algorithm));
        byte[] spki = algorithm.ExportSubjectPublicKeyInfo(PublicKey(algorithm));
        Assert.Equal(
            [expanded, both, publicKey], new[] { ExpandedOnly(name), bothForm, spki }.Select(der => Convert.ToHexStringLower(SHA256.HashData(der))));
        using SecretBytes? secret = algorithm.ImportPkcs8(bothForm);
        Assert.Equal(s_seed, secret!.Reveal());
        Assert.Throws<KmsException>(() => algorithm.ImportPkcs8(ExpandedOnly(name)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ExpandedKeyOfAnotherLengthOrWithAnotherHashIsNone(string name)
    {
        MLKemParameters parameters = MLKemParameters.All.Single(set => set.Name == name);
        byte[] expanded = Expanded(MLKemAlgorithms.Find(name));
        Assert.True(MLKemKeyCheck.IsValidDecapsulationKey(parameters, expanded));
        Assert.False(MLKemKeyCheck.IsValidDecapsulationKey(parameters, expanded.AsSpan(1)));
        Assert.False(MLKemKeyCheck.IsValidDecapsulationKey(parameters, [.. expanded, 0]));
        expanded[^(MLKemParameters.SymbolSize + 1)] ^= 1;
        Assert.False(MLKemKeyCheck.IsValidDecapsulationKey(parameters, expanded));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PublicKeyOfAnotherLengthIsNone(string name)
    {
        MLKemParameters parameters = MLKemParameters.All.Single(set => set.Name == name);
        byte[] publicKey = PublicKey(MLKemAlgorithms.Find(name));
        Assert.True(MLKemKeyCheck.IsValidEncapsulationKey(parameters, publicKey));
        Assert.False(MLKemKeyCheck.IsValidEncapsulationKey(parameters, publicKey.AsSpan(1)));
        Assert.False(MLKemKeyCheck.IsValidEncapsulationKey(parameters, [.. publicKey, 0]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SeedIsImportedAloneAndBesideItsExpandedKey(string name)
    {
        ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(name);
        foreach (byte[] pkcs8 in new[] { Seed(algorithm), Both(algorithm, Expanded(algorithm)), Seed(algorithm, publicKey: PublicKey(algorithm)) })
        {
            using SecretBytes? secret = algorithm.ImportPkcs8(pkcs8);
            Assert.Equal(s_seed, secret!.Reveal());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ExpandedKeyOfAnotherSeedIsRefused(string name)
    {
        ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(name);
        byte[] expanded = Expanded(algorithm);
        foreach (int index in new[] { 0, expanded.Length / 2, expanded.Length - 1 })
        {
            byte[] changed = [.. expanded];
            changed[index] ^= 1;
            Assert.Null(algorithm.ImportPkcs8(Both(algorithm, changed)));
        }

        Assert.Null(algorithm.ImportPkcs8(Both(algorithm, expanded[1..])));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AttachedPublicKeyOfAnotherSeedIsRefused(string name)
    {
        ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(name);
        byte[] publicKey = PublicKey(algorithm);
        publicKey[^1] ^= 1;
        Assert.Null(algorithm.ImportPkcs8(Seed(algorithm, publicKey)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ExpandedKeyAloneIsRefusedWithWhatToDo(string name)
    {
        ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(name);
        byte[] pkcs8 = ExpandedOnly(name);
        KmsException refusal = Assert.Throws<KmsException>(() => algorithm.ImportPkcs8(pkcs8));
        Assert.Equal(KmsError.ImportRefused, refusal.Error);
        Assert.Contains("seed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatTheFormatDoesNotHaveIsRefused()
    {
        ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find("ML-KEM-768");
        Assert.Null(algorithm.ImportPkcs8(Seed(MLKemAlgorithms.Find("ML-KEM-512"))));
        Assert.Null(algorithm.ImportPkcs8([.. Seed(algorithm), 0]));
        Assert.Null(algorithm.ImportPkcs8(Pkcs8(algorithm, writer => writer.WriteOctetString(s_seed))));
        Assert.Null(algorithm.ImportPkcs8(Pkcs8(algorithm, writer => writer.WriteOctetString(s_seed.AsSpan(1), s_context))));
        Assert.Null(algorithm.ImportPkcs8(Pkcs8(algorithm, writer => writer.WriteOctetString([.. s_seed, 0], s_context))));
        Assert.Null(algorithm.ImportPkcs8(Pkcs8(algorithm, writer => writer.WriteOctetString([], s_context))));
        Assert.Null(algorithm.ImportPkcs8(Pkcs8(algorithm, writer =>
        {
            writer.WriteOctetString(s_seed, s_context);
            writer.WriteNull();
        })));
    }

    [Theory]
    [InlineData("ML-KEM-512", "2.16.840.1.101.3.4.4.1")]
    [InlineData("ML-KEM-768", "2.16.840.1.101.3.4.4.2")]
    [InlineData("ML-KEM-1024", "2.16.840.1.101.3.4.4.3")]
    public void PublicKeyNamesItsAlgorithm(string name, string oid)
    {
        ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(name);
        byte[] publicKey = PublicKey(algorithm);
        byte[] der = algorithm.ExportSubjectPublicKeyInfo(publicKey);
        AsnReader identifier = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        Assert.Equal(oid, identifier.ReadObjectIdentifier());
        Assert.False(identifier.HasData);

        IReadOnlyList<KeyValuePair<string, string>> jwk = algorithm.ExportJwk(publicKey);
        Assert.Equal(
            [new("kty", "AKP"), new("alg", name), new("pub", Base64Url.EncodeToString(publicKey))], jwk.ToArray());
    }

    /// <summary>A private key without its seed.</summary>
    /// <param name="name">The parameter set.</param>
    /// <returns>The PKCS#8 encoding.</returns>
    internal static byte[] ExpandedOnly(string name)
    {
        ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(name);
        byte[] expanded = Expanded(algorithm);
        return Pkcs8(algorithm, writer => writer.WriteOctetString(expanded));
    }

    private static byte[] PublicKey(ManagedMLKemAlgorithm algorithm)
    {
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(s_seed, publicKey));
        return publicKey;
    }

    private static byte[] Expanded(ManagedMLKemAlgorithm algorithm)
    {
        byte[] expanded = new byte[algorithm.Parameters.DecapsulationKeySize];
        MLKemKeyFormats.Expand(algorithm.Parameters, s_seed, expanded);
        return expanded;
    }

    private static byte[] Seed(ManagedMLKemAlgorithm algorithm, byte[]? publicKey = null) =>
        Pkcs8(algorithm, writer => writer.WriteOctetString(s_seed, s_context), publicKey);

    private static byte[] Both(ManagedMLKemAlgorithm algorithm, byte[] expanded) => Pkcs8(algorithm, writer =>
    {
        using AsnWriter.Scope both = writer.PushSequence();
        writer.WriteOctetString(s_seed);
        writer.WriteOctetString(expanded);
    });

    private static byte[] Pkcs8(
        ManagedMLKemAlgorithm algorithm, Action<AsnWriter> writePrivateKey, byte[]? publicKey = null)
    {
        AsnWriter privateKey = new(AsnEncodingRules.DER);
        writePrivateKey(privateKey);
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(publicKey is null ? 0 : 1);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier($"2.16.840.1.101.3.4.4.{algorithm.Parameters.OidNumber}");
            }

            writer.WriteOctetString(privateKey.Encode());
            if (publicKey is not null)
            {
                writer.WriteBitString(publicKey, tag: new Asn1Tag(TagClass.ContextSpecific, 1));
            }
        }

        return writer.Encode();
    }
}

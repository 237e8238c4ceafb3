using RonKms.PostQuantum.MLDsa;
using RonKms.PostQuantum.Tests.Keystores;
using RonKms.Sealing;

namespace RonKms.PostQuantum.Tests.Hybrids;

/// <summary>Hybrid signatures through the keystore, from creation over rotation to a restart of the process's store.</summary>
public sealed class HybridKeystoreTests
{
    private static readonly byte[] s_kek = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] s_message = "a message"u8.ToArray();

    [Theory]
    [MemberData(nameof(HybridAlgorithms.Names), MemberType = typeof(HybridAlgorithms))]
    public void KeyLivesThroughImportRotationRestartAndDestruction(string name)
    {
        KeyAlgorithm algorithm = KeyAlgorithm.FindByName(name)!;
        byte[] secret = [.. Enumerable.Range(1, 64).Select(i => (byte)i)];
        byte[] expected = new byte[1984];
        Assert.True(TestedProvider.Catalog.Find(algorithm).TryGetPublicKey(secret, expected));
        using ScratchDirectory directory = new();
        KeyId first;
        KeyId second;
        byte[] signature;
        using (Keystore kms = Keystore.OpenOrCreate(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options()))
        {
            first = kms.Import("auth", "signing", algorithm, secret);
            Assert.Equal(expected, kms.GetPublicKey(first).Raw.ToArray());
            Assert.Equal("managed", kms.Get(first).Provider);
            signature = kms.Sign(first, s_message);
            Assert.Equal(3373, signature.Length);
            second = kms.Rotate(first);
            Assert.NotEqual(expected, kms.GetPublicKey(second).Raw.ToArray());
            Assert.Equal(KmsError.NotLatestVersion, Assert.Throws<KmsException>(() => kms.Sign(first, s_message)).Error);
            kms.Destroy(first);
        }

        using (Keystore kms = Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options()))
        {
            Assert.Equal(KeyState.Destroyed, kms.Get(first).State);
            Assert.True(kms.Verify(first, s_message, signature));
            Assert.False(kms.Verify(second, s_message, signature));
            byte[] again = kms.Sign(second.Latest, s_message, out KeyId signedBy);
            Assert.Equal(second, signedBy);
            Assert.True(kms.GetPublicKey(second).Verify(s_message, again));
        }
    }

    [Theory]
    [MemberData(nameof(HybridAlgorithms.Names), MemberType = typeof(HybridAlgorithms))]
    public void OneSeedForBothHalvesIsRefused(string name)
    {
        KeyAlgorithm algorithm = KeyAlgorithm.FindByName(name)!;
        byte[] seed = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        byte[] publicKey = new byte[1984];
        Assert.False(TestedProvider.Catalog.Find(algorithm).TryGetPublicKey([.. seed, .. seed], publicKey));
        Assert.Equal(new byte[1984], publicKey);

        using Keystore kms = Keystore.InMemory(Options());
        KmsException refused = Assert.Throws<KmsException>(() => kms.Import("auth", "signing", algorithm, (byte[])[.. seed, .. seed]));
        Assert.Equal(KmsError.ImportRefused, refused.Error);
        Assert.Contains("two seeds must differ", refused.Message, StringComparison.Ordinal);
        Assert.Empty(kms.List());
        byte[] near = [.. seed];
        near[^1] ^= 0x80;
        kms.Import("auth", "signing", algorithm, (byte[])[.. seed, .. near]);
    }

    [Fact]
    public void PolicyIsTheVerifiers()
    {
        using Keystore kms = Keystore.InMemory(Options());
        KeyId key = kms.Create("auth", "signing", KeyAlgorithm.Ed25519MLDsa65);
        byte[] signature = kms.Sign(key, s_message, new SignOptions { HybridPolicy = HybridPolicy.PostQuantum });
        signature[0] ^= 1;
        Assert.False(kms.Verify(key, s_message, signature));
        Assert.True(kms.Verify(key, s_message, signature, new SignOptions { HybridPolicy = HybridPolicy.PostQuantum }));
        Assert.True(kms.GetPublicKey(key).Verify(s_message, signature, new SignOptions { HybridPolicy = HybridPolicy.Either }));

        KeyId composite = kms.Create("auth", "signing", KeyAlgorithm.CompositeMLDsa65Ed25519);
        SignOptions foreign = new() { HybridPolicy = HybridPolicy.Either };
        Assert.Throws<ArgumentException>(() => kms.Sign(composite, s_message, foreign));
        Assert.Throws<ArgumentException>(() => kms.Verify(composite, s_message, signature, foreign));
        Assert.Throws<ArgumentException>(() => kms.Sign(key, s_message, new SignOptions { Context = new byte[1] }));
    }

    [Fact]
    public void CompositeIsImportedFromPkcs8AndSignsWithAContext()
    {
        byte[] pkcs8 =
        [
            0x30, 0x51, 0x02, 0x01, 0x00, 0x30, 0x0A, 0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x06, 0x30, 0x04, 0x40,
            .. Enumerable.Range(1, 64).Select(i => (byte)i),
        ];
        using Keystore kms = Keystore.InMemory(Options());
        KeyId key = kms.ImportPkcs8("auth", "signing", KeyAlgorithm.CompositeMLDsa65Ed25519, pkcs8);
        SignOptions options = new() { Context = "context"u8.ToArray() };
        byte[] signature = kms.Sign(key, s_message, options);
        Assert.True(kms.Verify(key, s_message, signature, options));
        Assert.False(kms.Verify(key, s_message, signature));
        Assert.Equal(
            KmsError.ImportRefused,
            Assert.Throws<KmsException>(() => kms.ImportPkcs8("auth", "signing", KeyAlgorithm.Ed25519MLDsa65, pkcs8)).Error);
    }

    [Fact]
    public void ProviderIsThatOfTheMLDsaHalf()
    {
        using Keystore kms = Keystore.InMemory(new KeystoreOptions().UsePostQuantum());
        KeyId key = kms.Create("auth", "signing", KeyAlgorithm.CompositeMLDsa65Ed25519);
        Assert.Equal(PlatformMLDsaAlgorithm.IsSupported ? "platform" : "managed", kms.Get(key).Provider);
    }

    private static KeystoreOptions Options() => new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed);
}

using RonKms.PostQuantum.Tests.Keystores;
using RonKms.Sealing;

namespace RonKms.PostQuantum.Tests.MLDsa;

/// <summary>ML-DSA through the keystore, from creation to a restart of the process's store.</summary>
public sealed class MLDsaKeystoreTests
{
    private static readonly byte[] s_message = "a message"u8.ToArray();

    [Fact]
    public void PostQuantumModeSignsWithMLDsa65AndSurvivesARestart()
    {
        using ScratchDirectory directory = new();
        byte[] kek = new byte[32];
        SignOptions options = new() { Context = "context"u8.ToArray() };
        KeyId first;
        KeyId second;
        byte[] signature;
        using (Keystore kms = Keystore.OpenOrCreate(directory.Store, KeyEncryptionKey.FromBytes(kek), PostQuantum()))
        {
            first = kms.CreateSigningKey("auth", "signing");
            Assert.Same(KeyAlgorithm.MLDsa65, first.Algorithm);
            signature = kms.Sign(first, s_message, options);
            second = kms.Rotate(first);
            Assert.Equal(KmsError.NotLatestVersion, Assert.Throws<KmsException>(() => kms.Sign(first, s_message)).Error);
            Assert.True(kms.Verify(second, s_message, kms.Sign(second, s_message)));
        }

        using (Keystore kms = Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(kek), PostQuantum()))
        {
            Assert.True(kms.Verify(first, s_message, signature, options));
            Assert.False(kms.Verify(first, s_message, signature));
            Assert.False(kms.Verify(second, s_message, signature, options));
            byte[] again = kms.Sign(second.Latest, s_message, out KeyId signedBy);
            Assert.Equal(second, signedBy);
            KmsPublicKey publicKey = kms.GetPublicKey(second);
            Assert.True(publicKey.Verify(s_message, again));
            Assert.Equal(1952, publicKey.Raw.Length);
            Assert.Contains("\"AKP\"", publicKey.ToJwk(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void ImportedSeedSigns(string name)
    {
        using Keystore kms = Keystore.InMemory(PostQuantum());
        KeyAlgorithm algorithm = MLDsaAlgorithms.Find(name).Id;
        KeyId key = kms.Import("auth", "signing", algorithm, new byte[32]);
        byte[] publicKey = new byte[algorithm.PublicKeySize];
        Assert.True(TestedProvider.Catalog.Find(algorithm).TryGetPublicKey(new byte[32], publicKey));
        Assert.Equal(publicKey, kms.GetPublicKey(key).Raw.ToArray());
        Assert.True(kms.Verify(key, s_message, kms.Sign(key, s_message)));
    }

    private static KeystoreOptions PostQuantum() => new KeystoreOptions { PqMode = PqMode.PostQuantum }.UsePostQuantum(PostQuantumProvider.Managed);
}

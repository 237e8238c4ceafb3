using RonKms.PostQuantum.MLKem;
using RonKms.PostQuantum.Tests.Keystores;
using RonKms.Sealing;

namespace RonKms.PostQuantum.Tests.MLKem;

/// <summary>ML-KEM through the keystore, as a caller uses it.</summary>
public sealed class MLKemKeystoreTests
{
    private static readonly byte[] s_kek = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void PostQuantumModeMakesAnMLKem768KeyThatOutlivesARestart()
    {
        using ScratchDirectory directory = new();
        KeyId key;
        byte[] ciphertext = new byte[1088];
        byte[] sent = new byte[32];
        using (Keystore kms = Keystore.OpenOrCreate(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options()))
        {
            key = kms.CreateKemKey("auth", "transport");
            Assert.Same(KeyAlgorithm.MLKem768, key.Algorithm);
            Assert.Equal(PlatformMLKemAlgorithm.IsSupported ? "platform" : "managed", kms.Get(key).Provider);
            kms.Encapsulate(key, ciphertext, sent, out KeyId encapsulatedTo);
            Assert.Equal(key, encapsulatedTo);
            using SecretBytes received = kms.Decapsulate(key, ciphertext);
            Assert.Equal(sent, received.Reveal());
        }

        using (Keystore kms = Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options()))
        {
            using SecretBytes received = kms.Decapsulate(key, ciphertext);
            Assert.Equal(sent, received.Reveal());

            KeyId next = kms.Rotate(key);
            using SecretBytes older = kms.Decapsulate(key, ciphertext);
            Assert.Equal(sent, older.Reveal());
            using SecretBytes other = kms.Decapsulate(next, ciphertext);
            Assert.NotEqual(sent, other.Reveal().ToArray());
        }
    }

    [Theory]
    [InlineData(PostQuantumProvider.Auto)]
    [InlineData(PostQuantumProvider.Managed)]
    public void SealedKeyOpensUnderEitherProvider(PostQuantumProvider provider)
    {
        using ScratchDirectory directory = new();
        byte[] ciphertext = new byte[1568];
        byte[] sent = new byte[32];
        KeyId key;
        using (Keystore kms = Keystore.OpenOrCreate(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options(provider)))
        {
            key = kms.Create("auth", "transport", KeyAlgorithm.MLKem1024);
            kms.Encapsulate(key, ciphertext, sent, out _);
        }

        PostQuantumProvider other = provider == PostQuantumProvider.Auto ? PostQuantumProvider.Managed : PostQuantumProvider.Auto;
        using (Keystore kms = Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options(other)))
        {
            using SecretBytes received = kms.Decapsulate(key, ciphertext);
            Assert.Equal(sent, received.Reveal());
        }
    }

    [Fact]
    public void SeedIsImportedAndGivesThePublicKeyOfTheStandard()
    {
        using Keystore kms = Keystore.InMemory(Options());
        byte[] seed = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        byte[] expected = new byte[KeyAlgorithm.MLKem512.PublicKeySize];
        Assert.True(MLKemAlgorithms.Find("ML-KEM-512").TryGetPublicKey(seed, expected));
        KeyId key = kms.Import("auth", "transport", KeyAlgorithm.MLKem512, seed);
        Assert.Equal(expected, kms.GetPublicKey(key).Raw.ToArray());
    }

    [Fact]
    public void ExpandedKeyAloneIsRefusedByTheKeystoreWithWhatToDo()
    {
        using Keystore kms = Keystore.InMemory(Options());
        byte[] pkcs8 = MLKemKeyFormatTests.ExpandedOnly("ML-KEM-768");
        KmsException refusal = Assert.Throws<KmsException>(() => kms.ImportPkcs8("auth", "transport", KeyAlgorithm.MLKem768, pkcs8));
        Assert.Equal(KmsError.ImportRefused, refusal.Error);
        Assert.Contains("seed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutThePackageTheErrorSaysWhatToAdd()
    {
        KmsException missing = Assert.Throws<KmsException>(() => Keystore.InMemory(new KeystoreOptions { PqMode = PqMode.PostQuantum }));
        Assert.Equal(KmsError.AlgUnavailable, missing.Error);
        Assert.Contains("options.UsePostQuantum()", missing.Message, StringComparison.Ordinal);
    }

    private static KeystoreOptions Options(PostQuantumProvider provider = PostQuantumProvider.Auto) =>
        new KeystoreOptions { PqMode = PqMode.PostQuantum }.UsePostQuantum(provider);
}

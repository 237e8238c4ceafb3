using RonKms.PostQuantum.Tests.Keystores;
using RonKms.Sealing;

namespace RonKms.PostQuantum.Tests.XWing;

/// <summary>X-Wing through the keystore, as a caller uses it.</summary>
public sealed class XWingKeystoreTests
{
    private static readonly byte[] s_kek = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void AKeyOutlivesARestartAndARotation()
    {
        using ScratchDirectory directory = new();
        KeyId key;
        byte[] ciphertext = new byte[1120];
        byte[] sent = new byte[32];
        using (Keystore kms = Keystore.OpenOrCreate(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options()))
        {
            key = kms.Create("auth", "transport", KeyAlgorithm.XWing);
            kms.Encapsulate(key, ciphertext, sent, out KeyId encapsulatedTo);
            Assert.Equal(key, encapsulatedTo);
        }

        using (Keystore kms = Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options(PostQuantumProvider.Managed)))
        {
            KeyId next = kms.Rotate(key);
            using SecretBytes received = kms.Decapsulate(key, ciphertext);
            Assert.Equal(sent, received.Reveal());
            using SecretBytes other = kms.Decapsulate(next, ciphertext);
            Assert.NotEqual(sent, other.Reveal().ToArray());
        }
    }

    [Fact]
    public void SeedIsImportedOnceAndGivesThePublicKeyOfTheDraft()
    {
        using Keystore kms = Keystore.InMemory(Options());
        byte[] seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        KeyId key = kms.Import("auth", "transport", KeyAlgorithm.XWing, seed);
        Assert.Equal(XWingAlgorithms.PublicKeyOf(seed), kms.GetPublicKey(key).Raw.ToArray());
        Assert.Equal(KmsError.ImportRefused, Assert.Throws<KmsException>(() => kms.Import("auth", "transport", KeyAlgorithm.XWing, seed.AsSpan(1))).Error);
    }

    [Fact]
    public void PublicKeyWhoseMLKemHalfIsNotReducedIsRefused()
    {
        KeystoreOptions options = Options();
        byte[] raw = XWingAlgorithms.PublicKeyOf(new byte[32]);
        Assert.Equal(raw, KmsPublicKey.FromRaw(KeyAlgorithm.XWing, raw, options.Algorithms).Raw.ToArray());
        raw[0] = 0xFF;
        raw[1] |= 0x0F;
        Assert.Throws<ArgumentException>(() => KmsPublicKey.FromRaw(KeyAlgorithm.XWing, raw, options.Algorithms));
        Assert.Throws<ArgumentException>(() => KmsPublicKey.FromRaw(KeyAlgorithm.XWing, raw.AsSpan(1), options.Algorithms));
    }

    [Fact]
    public void WithoutThePackageTheErrorSaysWhatToAdd()
    {
        using Keystore kms = Keystore.InMemory();
        foreach (Action call in new Action[]
        {
            () => kms.Create("auth", "transport", KeyAlgorithm.XWing),
            () => KmsPublicKey.FromRaw(KeyAlgorithm.XWing, new byte[1216]),
            () => kms.HpkeOpen(KeyId.Parse("auth/transport/xwing/0f8fad5b-d9cb-469f-a165-70867728950e#v1"), new byte[1136]),
        })
        {
            KmsException missing = Assert.Throws<KmsException>(call);
            Assert.Equal(KmsError.AlgUnavailable, missing.Error);
            Assert.Contains("RonKms.PostQuantum", missing.Message, StringComparison.Ordinal);
            Assert.Contains("options.UsePostQuantum()", missing.Message, StringComparison.Ordinal);
        }
    }

    private static KeystoreOptions Options(PostQuantumProvider provider = PostQuantumProvider.Auto) =>
        new KeystoreOptions().UsePostQuantum(provider);
}

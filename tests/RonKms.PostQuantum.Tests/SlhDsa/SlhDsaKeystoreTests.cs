using RonKms.PostQuantum.SlhDsa;
using RonKms.PostQuantum.Tests.Keystores;
using RonKms.Sealing;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>SLH-DSA through the keystore, as a caller uses it.</summary>
public sealed class SlhDsaKeystoreTests
{
    private static readonly byte[] s_kek = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] s_message = [1, 2, 3];

    [Fact]
    public void KeyOutlivesARestartAndARotation()
    {
        using ScratchDirectory directory = new();
        SignOptions options = new() { Context = new byte[] { 9 } };
        KeyId key;
        byte[] signature;
        using (Keystore kms = Keystore.OpenOrCreate(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options()))
        {
            key = kms.Create("auth", "signing", KeyAlgorithm.SlhDsaSha2_128f);
            Assert.Equal("managed", kms.Get(key).Provider);
            signature = new byte[17088];
            Assert.Equal(signature.Length, kms.Sign(key, s_message, signature, out KeyId signedBy, options));
            Assert.Equal(key, signedBy);
        }

        using (Keystore kms = Keystore.Open(directory.Store, KeyEncryptionKey.FromBytes(s_kek), Options()))
        {
            Assert.True(kms.Verify(key, s_message, signature, options));
            Assert.False(kms.Verify(key, s_message, signature));
            byte[] again = new byte[17088];
            kms.Sign(key, s_message, again, out _, options);
            Assert.True(kms.Verify(key, s_message, again, options));
            Assert.NotEqual(signature, again);

            KeyId next = kms.Rotate(key);
            Assert.True(kms.Verify(key, s_message, signature, options));
            Assert.False(kms.Verify(next, s_message, signature, options));
            Assert.Equal(KmsError.NotLatestVersion, Assert.Throws<KmsException>(() => kms.Sign(key, s_message)).Error);
        }
    }

    [Fact]
    public void SecretIsImportedWithItsRootAndRefusedWithAnother()
    {
        ManagedSlhDsaAlgorithm algorithm = new(KeyAlgorithm.SlhDsaShake128f);
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] bytes = secret.Reveal().ToArray();
        using Keystore kms = Keystore.InMemory(Options());
        KeyId key = kms.Import("auth", "signing", KeyAlgorithm.SlhDsaShake128f, bytes);
        Assert.Equal(bytes[32..], kms.GetPublicKey(key).Raw.ToArray());
        Assert.True(algorithm.Verify(bytes.AsSpan(32), s_message, kms.Sign(key, s_message)));

        bytes[^1] ^= 1;
        KmsException refusal =
            Assert.Throws<KmsException>(() => kms.Import("auth", "signing", KeyAlgorithm.SlhDsaShake128f, bytes));
        Assert.Equal(KmsError.ImportRefused, refusal.Error);
    }

    private static KeystoreOptions Options() => new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed);
}

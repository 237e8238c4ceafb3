using RonKms.Algorithms;
using RonKms.PostQuantum.MLKem;

namespace RonKms.PostQuantum.Tests.MLKem;

/// <summary>The platform's ML-KEM against the managed one, both ways.</summary>
public sealed class PlatformMLKemTests
{
    [Theory]
    [InlineData("ML-KEM-512")]
    [InlineData("ML-KEM-768")]
    [InlineData("ML-KEM-1024")]
    public void BothGiveTheSameBytes(string name)
    {
        Assert.SkipUnless(PlatformMLKemAlgorithm.IsSupported, "not run: the platform has no ML-KEM");
        ManagedMLKemAlgorithm managed = MLKemAlgorithms.Find(name);
        PlatformMLKemAlgorithm platform = new(managed.Id);
        for (int round = 0; round < 20; round++)
        {
            using SecretBytes secret = platform.GenerateSecret();
            byte[] publicKey = new byte[managed.Id.PublicKeySize];
            byte[] same = new byte[managed.Id.PublicKeySize];
            Assert.True(managed.TryGetPublicKey(secret.Reveal(), publicKey));
            Assert.True(platform.TryGetPublicKey(secret.Reveal(), same));
            Assert.Equal(publicKey, same);
            CheckBothWays(managed, platform, secret, publicKey);
            CheckBothWays(platform, managed, secret, publicKey);
        }
    }

    private static void CheckBothWays(KemAlgorithm sender, KemAlgorithm receiver, SecretBytes secret, byte[] publicKey)
    {
        byte[] ciphertext = new byte[sender.CiphertextSize];
        byte[] sent = new byte[sender.SharedSecretSize];
        byte[] received = new byte[sender.SharedSecretSize];
        byte[] rejected = new byte[sender.SharedSecretSize];
        sender.Encapsulate(publicKey, ciphertext, sent);
        using DecapsulationKey own = sender.Open(secret.Reveal(), publicKey);
        using DecapsulationKey other = receiver.Open(secret.Reveal(), publicKey);
        Assert.True(other.TryDecapsulate(ciphertext, received));
        Assert.Equal(sent, received);

        ciphertext[0] ^= 1;
        Assert.True(own.TryDecapsulate(ciphertext, received));
        Assert.True(other.TryDecapsulate(ciphertext, rejected));
        Assert.Equal(received, rejected);
        Assert.NotEqual(sent, received);
    }
}

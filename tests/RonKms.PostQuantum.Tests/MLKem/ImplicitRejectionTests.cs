using RonKms.Algorithms;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.MLKem;

namespace RonKms.PostQuantum.Tests.MLKem;

public sealed class ImplicitRejectionTests
{
    [Theory]
    [InlineData("ML-KEM-512")]
    [InlineData("ML-KEM-768")]
    [InlineData("ML-KEM-1024")]
    public void ChangedCiphertextOpensToTheHashOfZAndTheCiphertext(string name)
    {
        ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(name);
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(secret.Reveal(), publicKey));
        using DecapsulationKey key = algorithm.Open(secret.Reveal(), publicKey);
        byte[] ciphertext = new byte[algorithm.CiphertextSize];
        byte[] sent = new byte[32];
        byte[] received = new byte[32];
        byte[] rejection = new byte[32];
        algorithm.Encapsulate(publicKey, ciphertext, sent);

        // Every byte once, so that a comparison that leaves one out is seen.
        for (int i = 0; i < ciphertext.Length; i++)
        {
            byte[] changed = [.. ciphertext];
            changed[i] ^= (byte)(1 << (i % 8));
            Assert.True(key.TryDecapsulate(changed, received));
            Shake.Hash256([.. secret.Reveal()[32..], .. changed], rejection);
            Assert.Equal(rejection, received);
        }

        Assert.True(key.TryDecapsulate(ciphertext, received));
        Assert.Equal(sent, received);
    }
}

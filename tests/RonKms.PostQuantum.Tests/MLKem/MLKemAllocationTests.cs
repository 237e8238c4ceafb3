using RonKms.Algorithms;
using RonKms.PostQuantum.MLKem;

namespace RonKms.PostQuantum.Tests.MLKem;

public sealed class MLKemAllocationTests
{
    [Theory]
    [InlineData("ML-KEM-512")]
    [InlineData("ML-KEM-768")]
    [InlineData("ML-KEM-1024")]
    public void EncapsulationAndDecapsulationDoNotAllocate(string name)
    {
        ManagedMLKemAlgorithm algorithm = MLKemAlgorithms.Find(name);
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        byte[] ciphertext = new byte[algorithm.CiphertextSize];
        byte[] sharedSecret = new byte[32];
        Assert.True(algorithm.TryGetPublicKey(secret.Reveal(), publicKey));
        using DecapsulationKey key = algorithm.Open(secret.Reveal(), publicKey);
        Use();

        // The least of some rounds: a lock that another test holds just now allocates once, what leaks would do so every time.
        long least = long.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Use();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);

        void Use()
        {
            for (int i = 0; i < 10; i++)
            {
                algorithm.Encapsulate(publicKey, ciphertext, sharedSecret);
                key.TryDecapsulate(ciphertext, sharedSecret);
                algorithm.TryGetPublicKey(secret.Reveal(), publicKey);
                algorithm.IsValidPublicKey(publicKey);
            }
        }
    }
}

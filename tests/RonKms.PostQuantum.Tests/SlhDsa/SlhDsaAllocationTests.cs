using RonKms.Algorithms;
using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

public sealed class SlhDsaAllocationTests
{
    [Theory]
    [InlineData("SLH-DSA-SHA2-128f")]
    [InlineData("SLH-DSA-SHA2-192f")]
    [InlineData("SLH-DSA-SHAKE-128f")]
    public void SigningAndVerifyingDoNotAllocate(string name)
    {
        ManagedSlhDsaAlgorithm algorithm = new(SlhDsaAlgorithms.Find(name).Id);
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        byte[] signature = new byte[algorithm.MaxSignatureSize];
        byte[] message = new byte[10_000];
        SignOptions context = new() { Context = new byte[] { 1 } };
        Assert.True(algorithm.TryGetPublicKey(secret.Reveal(), publicKey));
        using SigningKey key = algorithm.Open(secret.Reveal(), publicKey);
        Use();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Use();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Use()
        {
            key.Sign(message, signature, context);
            algorithm.Verify(publicKey, message, signature, context);
            algorithm.TryGetPublicKey(secret.Reveal(), publicKey);
            algorithm.IsPublicKeyOf(secret.Reveal(), publicKey);
        }
    }
}

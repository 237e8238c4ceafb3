using RonKms.Algorithms;
using RonKms.PostQuantum.Hybrids;
using RonKms.PostQuantum.Tests.MLDsa;

namespace RonKms.PostQuantum.Tests.Hybrids;

/// <summary>Alone, because working memory is shared: a test beside it would take what is idle.</summary>
[Collection(nameof(WorkingMemoryTests))]
public sealed class HybridAllocationTests
{
    [Theory]
    [MemberData(nameof(HybridAlgorithms.Names), MemberType = typeof(HybridAlgorithms))]
    public void SigningAndVerifyingDoNotAllocate(string name)
    {
        SignatureAlgorithm algorithm = HybridSignatures.Choose(PostQuantumProvider.Managed).OfType<SignatureAlgorithm>().Single(a => a.Id.Name == name);
        byte[] secret = [.. Enumerable.Range(1, 64).Select(i => (byte)i)];
        byte[] publicKey = new byte[1984];
        byte[] message = new byte[10_000];
        byte[] signature = new byte[algorithm.MaxSignatureSize];
        SignOptions options = new() { Context = algorithm.HasContext ? new byte[255] : default };
        Assert.True(algorithm.TryGetPublicKey(secret, publicKey));
        using SigningKey key = algorithm.Open(secret, publicKey);
        Use();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Use();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Use()
        {
            for (int i = 0; i < 20; i++)
            {
                key.Sign(message, signature, options);
                algorithm.Verify(publicKey, message, signature, options);
            }
        }
    }

    [Fact]
    public void KeystoreSignsWithAHybridWithoutAllocating()
    {
        using Keystore kms = Keystore.InMemory(new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed));
        KeyId key = kms.Create("auth", "signing", KeyAlgorithm.Ed25519MLDsa65);
        byte[] message = new byte[100];
        byte[] signature = new byte[3373];
        SignOptions options = new() { HybridPolicy = HybridPolicy.PostQuantum };
        Use();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Use();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Use()
        {
            for (int i = 0; i < 20; i++)
            {
                kms.Sign(key, message, signature, out _, options);
                kms.Verify(key, message, signature, options);
            }
        }
    }
}

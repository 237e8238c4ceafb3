using RonKms.Algorithms;
using RonKms.PostQuantum.XWing;

namespace RonKms.PostQuantum.Tests.XWing;

public sealed class XWingAllocationTests
{
    private const int Calls = 50;

    [Fact]
    public void EncapsulationAndDecapsulationDoNotAllocate()
    {
        XWingAlgorithm algorithm = XWingAlgorithms.Managed;
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] publicKey = XWingAlgorithms.PublicKeyOf(secret.Reveal());
        byte[] ciphertext = new byte[algorithm.CiphertextSize];
        byte[] sharedSecret = new byte[algorithm.SharedSecretSize];
        using DecapsulationKey key = algorithm.Open(secret.Reveal(), publicKey);
        Assert.Equal(0, AllocatedPerCall(() =>
        {
            algorithm.Encapsulate(publicKey, ciphertext, sharedSecret);
            key.TryDecapsulate(ciphertext, sharedSecret);
            algorithm.TryGetPublicKey(secret.Reveal(), publicKey);
            algorithm.IsValidPublicKey(publicKey);
        }));
    }

    [Fact]
    public void KeystoreEncapsulatesAndDecapsulatesIntoBuffersWithoutAllocating()
    {
        using Keystore kms = Keystore.InMemory(new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed));
        KeyId key = kms.Create("auth", "transport", KeyAlgorithm.XWing);
        byte[] ciphertext = new byte[1120];
        byte[] sharedSecret = new byte[32];
        Assert.Equal(0, AllocatedPerCall(() => kms.Encapsulate(key, ciphertext, sharedSecret, out _)));
        Assert.Equal(0, AllocatedPerCall(() => kms.Decapsulate(key, ciphertext, sharedSecret)));
    }

    [Fact]
    public void HpkeAllocatesNoMoreThanThePlatformsCipherDoes()
    {
        using Keystore kms = Keystore.InMemory(new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed));
        KeyId key = kms.Create("auth", "transport", KeyAlgorithm.XWing);
        KmsPublicKey publicKey = kms.GetPublicKey(key);
        HpkeOptions options = new() { Info = new byte[100], AssociatedData = new byte[100] };
        byte[] plaintext = new byte[100];
        byte[] ciphertext = publicKey.HpkeSeal(plaintext, options);

        // At most the platform's object for a cipher and its handle, which .NET may also keep on the stack.
        const long Cipher = 64;
        Assert.InRange(AllocatedPerCall(() => publicKey.HpkeSeal(plaintext, ciphertext, options)), 0, Cipher);
        Assert.InRange(AllocatedPerCall(() => kms.HpkeOpen(key, ciphertext, plaintext, options)), 0, Cipher);
    }

    // The least of some rounds: a pool that the collector has just trimmed is filled anew, whoever rents from it next.
    private static long AllocatedPerCall(Action call)
    {
        long least = long.MaxValue;
        for (int round = 0; round < 6; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Calls; i++)
            {
                call();
            }

            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / Calls);
        }

        return least;
    }
}

using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

public sealed class AllocationTests
{
    private const int Calls = 200;

    // An AesGcm and its handle.
    private const long CipherSize = 64;

    private static readonly byte[] s_message = new byte[100];

    [Fact]
    public void Ed25519SignsAndVerifiesWithoutAllocating()
    {
        Ed25519Algorithm algorithm = new();
        byte[] publicKey = new byte[32];
        Assert.True(algorithm.TryGetPublicKey(new byte[32], publicKey));
        using SigningKey key = algorithm.Open(new byte[32], publicKey);
        byte[] signature = new byte[64];
        Assert.Equal(0, AllocatedPerCall(() => key.Sign(s_message, signature)));
        Assert.Equal(0, AllocatedPerCall(() => algorithm.Verify(publicKey, s_message, signature)));
    }

    [Fact]
    public void RsaSignsWithoutAllocating()
    {
        RsaAlgorithm algorithm = new(KeyAlgorithm.Rsa2048);
        using SecretBytes secret = algorithm.GenerateSecret();
        using SigningKey key = algorithm.Open(secret.Reveal(), new byte[294]);
        byte[] signature = new byte[256];
        Assert.Equal(0, AllocatedPerCall(() => key.Sign(s_message, signature)));
    }

    [Fact]
    public void HmacAndXChaCha20Poly1305WorkWithoutAllocating()
    {
        using MacKey mac = new HmacSha256Algorithm().Open(new byte[32]);
        using AeadKey cipher = new XChaCha20Poly1305Algorithm().Open(new byte[32]);
        byte[] code = new byte[32];
        byte[] nonce = new byte[24];
        byte[] tag = new byte[16];
        byte[] text = new byte[100];
        Assert.Equal(0, AllocatedPerCall(() => mac.Compute(s_message, code)));
        Assert.Equal(0, AllocatedPerCall(() => cipher.Encrypt(nonce, text, text, tag, [])));
    }

    [Fact]
    public void HpkeOpensIntoADestinationWithoutAllocatingMoreThanThePlatformsCipher()
    {
        using Keystore keystore = Keystore.InMemory();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.X25519);
        HpkeOptions gcm = new() { Aead = HpkeAead.Aes256Gcm, Info = s_message, AssociatedData = s_message };
        HpkeOptions chacha = new() { Aead = HpkeAead.ChaCha20Poly1305, Info = new byte[2000] };
        byte[] sealedByGcm = keystore.GetPublicKey(key).HpkeSeal(s_message, gcm);
        byte[] sealedByChaCha = keystore.GetPublicKey(key).HpkeSeal(s_message, chacha);
        byte[] destination = new byte[s_message.Length];

        // At most the platform's object for a cipher, which .NET may also keep on the stack.
        Assert.InRange(AllocatedPerCall(() => keystore.HpkeOpen(key, sealedByGcm, destination, gcm)), 0, CipherSize);
        Assert.InRange(AllocatedPerCall(() => keystore.HpkeOpen(key, sealedByChaCha, destination, chacha)), 0, CipherSize);
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

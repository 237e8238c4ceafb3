using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

/// <summary>What the families refuse to be, whoever derives from them.</summary>
public sealed class AlgorithmFamilyTests
{
    [Fact]
    public void An_algorithm_is_of_the_family_of_its_use()
    {
        Assert.Equal("id", Assert.Throws<ArgumentException>(() => new Aead(KeyAlgorithm.HmacSha256)).ParamName);
        Assert.Equal("id", Assert.Throws<ArgumentException>(() => new Mac(KeyAlgorithm.Aes256Gcm)).ParamName);
        Assert.Equal(KeyAlgorithm.Aes256Gcm, new Aead(KeyAlgorithm.Aes256Gcm).Id);
        Assert.Equal(KeyAlgorithm.HmacSha256, new Mac(KeyAlgorithm.HmacSha256).Id);
    }

    [Fact]
    public void A_symmetric_algorithm_has_no_public_key()
    {
        foreach (Algorithm algorithm in AlgorithmCatalog.Classical.Algorithms.Where(algorithm => !algorithm.Id.IsAsymmetric))
        {
            Assert.False(algorithm.IsValidPublicKey([]));
            Assert.Throws<ArgumentException>(() => KmsPublicKey.FromRaw(algorithm.Id, []));
        }
    }

    [Fact]
    public void A_public_key_that_cannot_be_encapsulated_to_gives_no_shared_secret()
    {
        KmsPublicKey key = KmsPublicKey.FromRaw(KeyAlgorithm.X25519, new byte[32], AlgorithmCatalog.Classical.With(new Kem()));

        Assert.Equal("publicKey", Assert.Throws<ArgumentException>(key.Encapsulate).ParamName);

        byte[] ciphertext = [.. Enumerable.Repeat((byte)1, 32)];
        byte[] sharedSecret = [.. ciphertext];
        Assert.Throws<ArgumentException>(() => key.Encapsulate(ciphertext, sharedSecret));
        Assert.Equal(new byte[32], ciphertext);
        Assert.Equal(new byte[32], sharedSecret);
    }

    private sealed class Kem() : KemAlgorithm(KeyAlgorithm.X25519)
    {
        public override string Provider => "none";

        public override int CiphertextSize => 32;

        public override int SharedSecretSize => 32;

        protected override DecapsulationKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) => throw new NotSupportedException();

        protected override int GenerateSecretCore(Span<byte> secret) => throw new NotSupportedException();

        protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => throw new NotSupportedException();

        protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => true;

        // As where the product is zero: what was written of it by then does not stay.
        protected override bool TryEncapsulateCore(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret)
        {
            ciphertext.Fill(2);
            sharedSecret.Fill(3);
            return false;
        }
    }

    private sealed class Aead(KeyAlgorithm id) : AeadAlgorithm(id)
    {
        public override string Provider => "none";

        protected override AeadKey OpenCore(ReadOnlySpan<byte> secret) => throw new NotSupportedException();

        protected override int GenerateSecretCore(Span<byte> secret) => throw new NotSupportedException();

        protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => throw new NotSupportedException();
    }

    private sealed class Mac(KeyAlgorithm id) : MacAlgorithm(id)
    {
        public override string Provider => "none";

        public override int MacSize => 32;

        protected override MacKey OpenCore(ReadOnlySpan<byte> secret) => throw new NotSupportedException();

        protected override int GenerateSecretCore(Span<byte> secret) => throw new NotSupportedException();

        protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => throw new NotSupportedException();
    }
}

using RonKms.Algorithms;
using Xunit;

namespace RonKms.Testing.Algorithms;

/// <summary>What every key encapsulation mechanism must do.</summary>
public abstract class KemAlgorithmContract : AlgorithmContract
{
    /// <summary>Creates the suite for an algorithm.</summary>
    /// <param name="id">The algorithm.</param>
    /// <param name="catalog">Where its implementation is.</param>
    protected KemAlgorithmContract(KeyAlgorithm id, AlgorithmCatalog catalog)
        : base(id, catalog)
    {
    }

    /// <summary>The implementation.</summary>
    protected KemAlgorithm Algorithm => (KemAlgorithm)Base;

    /// <summary>Whether a JSON Web Key is specified for the algorithm's public keys.</summary>
    protected virtual bool HasJwk => true;

    /// <summary>Public keys of the right length that cannot be used.</summary>
    protected abstract IReadOnlyList<byte[]> UnusablePublicKeys { get; }

    [Fact]
    public void BothSidesGetTheSameSecret()
    {
        using Pair pair = new(this);
        (byte[] ciphertext, byte[] sent) = Encapsulate(pair.PublicKey);
        byte[] received = new byte[Algorithm.SharedSecretSize];
        Assert.True(pair.Key.TryDecapsulate(ciphertext, received));
        Assert.Equal(sent, received);
        Assert.NotEqual(new byte[sent.Length], sent);
    }

    [Fact]
    public void EncapsulationsDiffer()
    {
        using Pair pair = new(this);
        (byte[] ciphertext, byte[] secret) = Encapsulate(pair.PublicKey);
        (byte[] otherCiphertext, byte[] otherSecret) = Encapsulate(pair.PublicKey);
        Assert.NotEqual(ciphertext, otherCiphertext);
        Assert.NotEqual(secret, otherSecret);
    }

    [Fact]
    public void ChangedCiphertextOrAnotherKeyDoesNotGiveTheSecret()
    {
        using Pair pair = new(this);
        using Pair other = new(this, index: 1);
        (byte[] ciphertext, byte[] secret) = Encapsulate(pair.PublicKey);
        byte[] received = new byte[secret.Length];
        foreach (byte[] changed in FlippedBits(ciphertext))
        {
            if (!pair.Key.TryDecapsulate(changed, received))
            {
                Assert.Equal(new byte[received.Length], received);
            }

            Assert.NotEqual(secret, received);
        }

        other.Key.TryDecapsulate(ciphertext, received);
        Assert.NotEqual(secret, received);
    }

    [Fact]
    public void CiphertextOfAnotherLengthDoesNotOpenAndLeavesZeros()
    {
        using Pair pair = new(this);
        (byte[] ciphertext, byte[] secret) = Encapsulate(pair.PublicKey);
        foreach (byte[] wrong in new[] { [], ciphertext[1..], [.. ciphertext, 0] })
        {
            byte[] received = [.. secret];
            Assert.False(pair.Key.TryDecapsulate(wrong, received));
            Assert.Equal(new byte[secret.Length], received);
        }
    }

    [Fact]
    public void BufferOfAnotherSizeIsAnArgumentError()
    {
        using Pair pair = new(this);
        byte[] ciphertext = new byte[Algorithm.CiphertextSize];
        byte[] secret = new byte[Algorithm.SharedSecretSize];
        Assert.Throws<ArgumentException>(() => Algorithm.Encapsulate(pair.PublicKey.AsSpan()[1..], ciphertext, secret));
        Assert.Throws<ArgumentException>(() => Algorithm.Encapsulate(pair.PublicKey, ciphertext.AsSpan()[1..], secret));
        Assert.Throws<ArgumentException>(() => Algorithm.Encapsulate(pair.PublicKey, ciphertext, secret.AsSpan()[1..]));
        Assert.Throws<ArgumentException>(() => pair.Key.TryDecapsulate(ciphertext, secret.AsSpan()[1..]));
    }

    [Fact]
    public void BuffersThatOverlapAreRefusedAndNothingIsWritten()
    {
        using Pair pair = new(this);
        int size = Algorithm.CiphertextSize;
        int secretSize = Algorithm.SharedSecretSize;
        byte[] both = new byte[size + secretSize];
        byte[] secret = new byte[secretSize];
        foreach (int start in new[] { 0, 1, size - 1 })
        {
            Assert.Throws<ArgumentException>(() => Algorithm.Encapsulate(pair.PublicKey, both.AsSpan(0, size), both.AsSpan(start, secretSize)));
            Assert.Throws<ArgumentException>(() => pair.Key.TryDecapsulate(both.AsSpan(0, size), both.AsSpan(start, secretSize)));
        }

        Assert.Equal(new byte[both.Length], both);
        byte[] keyAndRest = [.. pair.PublicKey, .. new byte[size]];
        int keySize = pair.PublicKey.Length;
        Assert.Throws<ArgumentException>(() => Algorithm.Encapsulate(keyAndRest.AsSpan(0, keySize), keyAndRest.AsSpan(keySize - 1, size), secret));
        Assert.Throws<ArgumentException>(() => Algorithm.Encapsulate(keyAndRest.AsSpan(0, keySize), both.AsSpan(0, size), keyAndRest.AsSpan(0, secretSize)));
        Assert.Equal(pair.PublicKey, keyAndRest[..keySize]);

        Algorithm.Encapsulate(pair.PublicKey, both.AsSpan(0, size), both.AsSpan(size));
        Assert.True(pair.Key.TryDecapsulate(both.AsSpan(0, size), secret));
        Assert.Equal(both[size..], secret);
    }

    [Fact]
    public void UnusablePublicKeyIsRefusedAndLeavesZeros()
    {
        Assert.NotEmpty(UnusablePublicKeys);
        foreach (byte[] unusable in UnusablePublicKeys)
        {
            byte[] ciphertext = new byte[Algorithm.CiphertextSize];
            byte[] secret = new byte[Algorithm.SharedSecretSize];
            secret.AsSpan().Fill(0xA5);
            Assert.False(Algorithm.IsValidPublicKey(unusable));
            Assert.Throws<ArgumentException>(() => Algorithm.Encapsulate(unusable, ciphertext, secret));
            Assert.Equal(new byte[ciphertext.Length], ciphertext);
            Assert.Equal(new byte[secret.Length], secret);
        }
    }

    [Fact]
    public void ManyThreadsDecapsulateAtOnce()
    {
        using Pair pair = new(this);
        (byte[] ciphertext, byte[] secret) = Encapsulate(pair.PublicKey);
        UseAtOnce(pair.Key, key => Check(key, ciphertext, secret));
    }

    [Fact]
    public void DisposalDuringDecapsulationNeverFaults()
    {
        using Pair pair = new(this);
        (byte[] ciphertext, byte[] secret) = Encapsulate(pair.PublicKey);
        DisposeWhileInUse(() => Algorithm.Open(pair.Secret.Reveal(), pair.PublicKey), key => Check(key, ciphertext, secret));
    }

    [Fact]
    public void SubjectPublicKeyInfoIsWellFormed()
    {
        using Pair pair = new(this);
        PublicKeyForms.CheckSubjectPublicKeyInfo(Algorithm, pair.PublicKey);
    }

    [Fact]
    public void JwkIsWellFormedOrRefusedWhereThereIsNone()
    {
        using Pair pair = new(this);
        if (HasJwk)
        {
            PublicKeyForms.CheckJwk(Algorithm, pair.PublicKey);
        }
        else
        {
            Assert.Throws<NotSupportedException>(() => Algorithm.ExportJwk(pair.PublicKey));
        }
    }

    private static void Check(DecapsulationKey key, byte[] ciphertext, byte[] secret)
    {
        byte[] received = new byte[secret.Length];
        Assert.True(key.TryDecapsulate(ciphertext, received));
        Assert.Equal(secret, received);
    }

    private (byte[] Ciphertext, byte[] SharedSecret) Encapsulate(byte[] publicKey)
    {
        byte[] ciphertext = new byte[Algorithm.CiphertextSize];
        byte[] secret = new byte[Algorithm.SharedSecretSize];
        Algorithm.Encapsulate(publicKey, ciphertext, secret);
        return (ciphertext, secret);
    }

    private sealed class Pair : IDisposable
    {
        internal Pair(KemAlgorithmContract contract, int index = 0)
        {
            Secret = contract.TakeSecret(index);
            PublicKey = contract.PublicKeyOf(Secret);
            Key = contract.Algorithm.Open(Secret.Reveal(), PublicKey);
        }

        internal SecretBytes Secret { get; }

        internal byte[] PublicKey { get; }

        internal DecapsulationKey Key { get; }

        public void Dispose()
        {
            Key.Dispose();
            Secret.Dispose();
        }
    }
}

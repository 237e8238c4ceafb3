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

    [Theory]
    [InlineData("ML-KEM-512")]
    [InlineData("ML-KEM-768")]
    [InlineData("ML-KEM-1024")]
    public void SharedSecretIsWrittenOnlyWhenTheCiphertextIsChecked(string name)
    {
        // Where the destination lies in the ciphertext, whatever is written before the check changes what is checked.
        MLKemParameters p = MLKemAlgorithms.Find(name).Parameters;
        EncapsulationKey publicKey = new(p, new short[EncapsulationKey.RoomOf(p)]);
        byte[] encoded = new byte[p.EncapsulationKeySize];
        short[] s = new short[p.K * Polynomial.Size];
        byte[] hash = new byte[32];
        byte[] z = [.. Enumerable.Repeat((byte)2, 32)];
        MLKemInternal.KeyGen(new byte[32], publicKey, encoded, s);
        Sha3.Hash256(encoded, hash);
        byte[] sent = new byte[32];
        byte[] good = new byte[p.CiphertextSize];
        MLKemInternal.Encaps(publicKey, hash, new byte[32], sent, good);
        byte[] changed = [.. good];
        changed[^1] ^= 1;
        byte[] rejection = new byte[32];
        Shake.Hash256([.. z, .. changed], rejection);
        foreach ((byte[] ciphertext, byte[] expected) in new[] { (good, sent), (changed, rejection) })
        {
            foreach (int start in new[] { 0, 100, ciphertext.Length - 32 })
            {
                byte[] both = [.. ciphertext];
                MLKemInternal.Decaps(publicKey, hash, s, z, both, both.AsSpan(start, 32));
                Assert.Equal(expected, both[start..(start + 32)]);
            }
        }
    }
}

using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.MLKem;
using RonKms.Tests.Memory;

namespace RonKms.PostQuantum.Tests.MLKem;

/// <summary>What lies on the stack once an operation is done.</summary>
public sealed class MLKemResidueTests
{
    private static readonly MLKemParameters s_parameters = MLKemAlgorithms.Find("ML-KEM-768").Parameters;

    private readonly short[] _room = new short[EncapsulationKey.RoomOf(s_parameters)];
    private readonly byte[] _encoded = new byte[s_parameters.EncapsulationKeySize];
    private readonly short[] _s = new short[s_parameters.K * Polynomial.Size];
    private readonly byte[] _hash = new byte[32];
    private readonly byte[] _m = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] _sharedSecret = new byte[32];
    private readonly byte[] _ciphertext = new byte[s_parameters.CiphertextSize];

    public MLKemResidueTests()
    {
        MLKemInternal.KeyGen(RandomNumberGenerator.GetBytes(32), PublicKey(), _encoded, _s);
        Sha3.Hash256(_encoded, _hash);
    }

    [Fact]
    public void Encapsulation_leaves_neither_the_randomness_nor_the_shared_secret()
    {
        byte[] keyAndRandomness = KeyAndRandomness();

        Assert.False(UsedStack.Holds(keyAndRandomness.AsMemory(32), Encapsulate));
        Assert.False(UsedStack.Holds(keyAndRandomness.AsMemory(0, 32), Encapsulate));
        Assert.False(UsedStack.Holds(_m, Encapsulate));
    }

    [Fact]
    public void Decapsulation_leaves_neither_the_message_nor_what_follows_from_it()
    {
        Encapsulate();
        byte[] z = RandomNumberGenerator.GetBytes(32);
        byte[] rejection = new byte[32];
        Shake.Hash256([.. z, .. _ciphertext], rejection);
        byte[] keyAndRandomness = KeyAndRandomness();

        foreach (ReadOnlyMemory<byte> secret in new ReadOnlyMemory<byte>[] { _m, keyAndRandomness.AsMemory(0, 32), keyAndRandomness.AsMemory(32), rejection, _ciphertext })
        {
            Assert.False(UsedStack.Holds(secret, () => MLKemInternal.Decaps(PublicKey(), _hash, _s, z, _ciphertext, _sharedSecret)));
        }

        Assert.Equal(keyAndRandomness[..32], _sharedSecret);
    }

    private EncapsulationKey PublicKey() => new(s_parameters, _room);

    private void Encapsulate() => MLKemInternal.Encaps(PublicKey(), _hash, _m, _sharedSecret, _ciphertext);

    private byte[] KeyAndRandomness()
    {
        byte[] result = new byte[64];
        Sha3.Hash512([.. _m, .. _hash], result);
        return result;
    }
}

using RonKms.Algorithms;
using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

/// <summary>The small sets, whose signatures take about a second each: what the contract asks that one signature can show.</summary>
public sealed class SmallSetTests
{
    [Theory]
    [MemberData(nameof(SlhDsaAlgorithms.SmallSets), MemberType = typeof(SlhDsaAlgorithms))]
    public void OneSignatureVerifiesAsItWasMadeAndNotOtherwise(string name)
    {
        ManagedSlhDsaAlgorithm algorithm = new(SlhDsaAlgorithms.Find(name).Id);
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
        Assert.True(algorithm.TryGetPublicKey(secret.Reveal(), publicKey));
        Assert.True(algorithm.IsPublicKeyOf(secret.Reveal(), publicKey));

        byte[] message = [1, 2, 3];
        SignOptions context = new() { Context = new byte[255] };
        byte[] signature = new byte[algorithm.MaxSignatureSize];
        using (SigningKey key = algorithm.Open(secret.Reveal(), publicKey))
        {
            Assert.Equal(signature.Length, key.Sign(message, signature, context));
        }

        Assert.True(algorithm.Verify(publicKey, message, signature, context));
        Assert.False(algorithm.Verify(publicKey, message, signature));
        Assert.False(algorithm.Verify(publicKey, [1, 2], signature, context));
        Assert.False(algorithm.Verify(publicKey, message, signature.AsSpan(1), context));
        Assert.False(algorithm.Verify(publicKey, message, [.. signature, 0], context));
        for (int i = 0; i < signature.Length; i += signature.Length / 16)
        {
            byte[] changed = [.. signature];
            changed[i] ^= (byte)(1 << (i % 8));
            Assert.False(algorithm.Verify(publicKey, message, changed, context), $"byte {i}");
        }

        publicKey[0] ^= 1;
        Assert.False(algorithm.Verify(publicKey, message, signature, context));
        Assert.Throws<ArgumentException>(() => algorithm.Open(secret.Reveal(), publicKey));
    }
}

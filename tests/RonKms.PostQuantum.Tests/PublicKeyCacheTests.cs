using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests;

public sealed class PublicKeyCacheTests
{
    [Fact]
    public void KeyIsKeptFromItsSecondUseOn()
    {
        int made = 0;
        PublicKeyCache<int> cache = new(2, (key, room) => Make(key, room, ref made));
        byte[] key = RandomNumberGenerator.GetBytes(40);
        Assert.True(cache.Find(key).IsEmpty);
        Assert.Equal(0, made);
        Assert.Equal([key[0], key[1]], cache.Find(key).ToArray());
        Assert.Equal([key[0], key[1]], cache.Find((byte[])[.. key]).ToArray());
        Assert.Equal(1, made);
    }

    [Fact]
    public void InvalidKeyIsNeverKept()
    {
        PublicKeyCache<int> cache = new(2, (_, _) => false);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(cache.Find([1, 2, 3]).IsEmpty);
        }
    }

    [Fact]
    public void KeyThatChangesWhileItIsMadeReadyIsNotKeptUnderItsOldBytes()
    {
        byte[] callers = RandomNumberGenerator.GetBytes(40);
        byte[] before = [.. callers];
        int made = 0;
        PublicKeyCache<int> cache = new(2, (key, room) =>
        {
            callers[0] ^= 1;
            return Make(key, room, ref made);
        });
        Assert.True(cache.Find(callers).IsEmpty);
        Assert.Equal([before[0], before[1]], cache.Find(callers).ToArray());
        Assert.Equal([before[0], before[1]], cache.Find(before).ToArray());
        Assert.Equal(1, made);
    }

    [Fact]
    public void ManyKeysInTurnsGetTheirOwn()
    {
        int made = 0;
        PublicKeyCache<int> cache = new(2, (key, room) => Make(key, room, ref made));
        byte[][] keys = [.. Enumerable.Range(0, 8 * PublicKeyCache<int>.Capacity).Select(_ => RandomNumberGenerator.GetBytes(40))];
        for (int round = 0; round < 20; round++)
        {
            foreach (byte[] key in keys)
            {
                Span<int> first = cache.Find(key);
                Span<int> second = cache.Find(key);
                Assert.True(first.IsEmpty || first.SequenceEqual([key[0], key[1]]));
                Assert.Equal([key[0], key[1]], second.ToArray());
            }
        }
    }

    [Fact]
    public void KeyThatDiffersInOneBitVerifiesNothing()
    {
        ManagedMLDsaAlgorithm algorithm = new(KeyAlgorithm.MLDsa65);
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] publicKey = new byte[KeyAlgorithm.MLDsa65.PublicKeySize];
        algorithm.TryGetPublicKey(secret.Reveal(), publicKey);
        byte[] signature = new byte[algorithm.MaxSignatureSize];
        using (SigningKey key = algorithm.Open(secret.Reveal(), publicKey))
        {
            key.Sign([1, 2, 3], signature);
        }

        byte[] other = [.. publicKey];
        other[^1] ^= 0x80;
        for (int i = 0; i < 4; i++)
        {
            Assert.True(algorithm.Verify(publicKey, [1, 2, 3], signature));
            Assert.False(algorithm.Verify(other, [1, 2, 3], signature));
        }
    }

    private static bool Make(ReadOnlySpan<byte> key, Span<int> room, ref int made)
    {
        made++;
        (room[0], room[1]) = (key[0], key[1]);
        return true;
    }
}

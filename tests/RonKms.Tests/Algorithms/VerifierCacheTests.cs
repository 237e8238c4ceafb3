using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

public sealed class VerifierCacheTests
{
    private int _checked;
    private int _made;

    [Fact]
    public void KeyIsCheckedAndMadeOnce()
    {
        VerifierCache<Counted> cache = NewCache();
        for (int i = 0; i < 10; i++)
        {
            Assert.True(cache.TryGet([1, 2, 3], out HandlePool<Counted>? handles));
            handles.Return(handles.Rent());
        }

        Assert.Equal((1, 1), (_checked, _made));
    }

    [Fact]
    public void InvalidKeyIsNeverKept()
    {
        VerifierCache<Counted> cache = NewCache();
        Assert.False(cache.TryGet([0], out _));
        Assert.False(cache.TryGet([0], out _));
        Assert.Equal((2, 0), (_checked, _made));
    }

    [Fact]
    public void EachKeyGetsItsOwnHandlesHoweverManyThereAre()
    {
        VerifierCache<Tagged> cache = new(_ => true, key => new Tagged(key));
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 4 * VerifierCache<Tagged>.Capacity; i++)
            {
                byte[] key = BitConverter.GetBytes(i);
                Assert.True(cache.TryGet(key, out HandlePool<Tagged>? handles));
                Tagged handle = handles.Rent();
                Assert.Equal(key, handle.Key);
                handles.Return(handle);
            }
        }
    }

    [Fact]
    public void CallersBufferIsNotKept()
    {
        VerifierCache<Tagged> cache = new(_ => true, key => new Tagged(key));
        byte[] key = [1, 2, 3];
        Assert.True(cache.TryGet(key, out HandlePool<Tagged>? handles));
        key[0] = 9;
        Assert.Equal([1, 2, 3], handles.Rent().Key);
    }

    private VerifierCache<Counted> NewCache() => new(
        key =>
        {
            _checked++;
            return key[0] != 0;
        },
        _ =>
        {
            _made++;
            return new Counted();
        });

    private sealed record Tagged(byte[] Key) : IDisposable
    {
        public void Dispose()
        {
        }
    }
}

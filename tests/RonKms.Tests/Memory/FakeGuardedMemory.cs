using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using RonKms.Memory;

namespace RonKms.Tests.Memory;

/// <summary>Memory that is locked only up to a limit, as under RLIMIT_MEMLOCK, and that counts what is given back.</summary>
internal sealed unsafe class FakeGuardedMemory : GuardedMemory, IDisposable
{
    private readonly ConcurrentDictionary<nint, int> _held = new();
    private readonly Lock _lock = new();
    private long _lockable;

    internal FakeGuardedMemory(long lockable)
    {
        _lockable = lockable;
    }

    /// <summary>How many allocations are held.</summary>
    internal int Held => _held.Count;

    internal override nint Allocate(int size, out bool locked)
    {
        nint start = (nint)NativeMemory.AllocZeroed((nuint)size);
        _held[start] = size;
        locked = TryLock(start, size);
        return start;
    }

    internal override bool TryLock(nint start, int size)
    {
        lock (_lock)
        {
            bool locked = size <= _lockable;
            _lockable -= locked ? size : 0;
            return locked;
        }
    }

    internal override void Free(nint start, int size, bool locked)
    {
        Assert.True(_held.TryRemove(start, out int held));
        Assert.Equal(held, size);
        NativeMemory.Free((void*)start);
        lock (_lock)
        {
            _lockable += locked ? size : 0;
        }
    }

    public void Dispose()
    {
        foreach (nint start in _held.Keys)
        {
            Free(start, _held[start], locked: false);
        }
    }
}

namespace RonKms.Memory;

/// <summary>A piece of guarded memory, taken from a <see cref="SecretHeap"/> and given back by <see cref="Release"/>.</summary>
/// <remarks>
/// There is no finalizer on purpose: a span does not keep its block alive, so a collector that wiped forgotten blocks could
/// turn a secret in use into zeros. A forgotten block stays taken, and locked, until the process ends.
/// </remarks>
internal sealed unsafe class SecretBlock
{
    private readonly SecretHeap _heap;
    private int _released;

    internal SecretBlock(SecretHeap heap, GuardedRegion region, nint start, int length)
    {
        _heap = heap;
        Region = region;
        Start = start;
        Length = length;
    }

    /// <summary>The allocation that it is a part of, or the whole of.</summary>
    internal GuardedRegion Region { get; }

    /// <summary>Where the memory begins.</summary>
    internal nint Start { get; }

    /// <summary>How many bytes there are; at least as many as were asked for.</summary>
    internal int Length { get; }

    /// <summary>Whether the system locked the memory.</summary>
    internal bool IsLocked => Region.IsLocked;

    /// <summary>The memory. After <see cref="Release"/> it may hold another secret.</summary>
    internal Span<byte> Bytes => new((byte*)Start, Length);

    /// <summary>Wipes the memory and gives it back; a second call does nothing.</summary>
    internal void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _heap.Return(this);
        }
    }
}

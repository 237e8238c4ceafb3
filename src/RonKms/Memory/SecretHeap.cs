using System.Numerics;

namespace RonKms.Memory;

/// <summary>Guarded memory for secrets: locked where the system allows it, out of core dumps, between guard pages, wiped on release.</summary>
/// <remarks>
/// Blocks of up to <see cref="LargestSlot"/> bytes are slots of slabs, one size a slab, because a guarded allocation of its own
/// costs four memory mappings, of which a process gets some 65,000. A slab is never unmapped: whoever still holds a span of a
/// released block reads zeros or another secret, but does not fault. A larger block is an allocation of its own and is unmapped on
/// release. Thread-safe; taking and releasing take constant time under one short lock a slot size. Where the system refused to lock
/// slabs, it is asked again when a large locked block is given back, so that one large secret leaves no later one unlocked for ever.
/// </remarks>
internal sealed class SecretHeap
{
    /// <summary>The size of a slab in bytes.</summary>
    internal const int SlabSize = 64 * 1024;

    /// <summary>The smallest slot in bytes.</summary>
    internal const int SmallestSlot = 64;

    /// <summary>The largest slot in bytes.</summary>
    internal const int LargestSlot = 16 * 1024;

    private static readonly int s_smallestLog = BitOperations.Log2(SmallestSlot);

    private readonly GuardedMemory _memory;
    private readonly SlabClass[] _classes;
    private int _slabCount;
    private long _unlockedBytes;
    private int _refusalRaised;

    /// <summary>Creates an empty heap.</summary>
    /// <param name="memory">Where its memory comes from.</param>
    internal SecretHeap(GuardedMemory memory)
    {
        _memory = memory;
        _classes = new SlabClass[BitOperations.Log2(LargestSlot) - s_smallestLog + 1];
        for (int i = 0; i < _classes.Length; i++)
        {
            _classes[i] = new SlabClass(SmallestSlot << i);
        }
    }

    /// <summary>Raised once, when the system first refuses to lock memory, on the thread that asked for it. A handler that throws is passed over:
    /// the memory that was asked for is there all the same.</summary>
    internal event Action? LockRefused;

    /// <summary>The heap of this process.</summary>
    internal static SecretHeap Shared { get; } = new(new GuardedMemory());

    /// <summary>Whether all memory held is locked, so that no secret can reach swap space.</summary>
    internal bool IsLocked => UnlockedBytes == 0;

    /// <summary>How many of the bytes held the system refused to lock, mostly for RLIMIT_MEMLOCK.</summary>
    internal long UnlockedBytes => Interlocked.Read(ref _unlockedBytes);

    /// <summary>How many slabs are held.</summary>
    internal int SlabCount => Volatile.Read(ref _slabCount);

    /// <summary>Takes a block, filled with zeros.</summary>
    /// <param name="length">How many bytes it must have at least; 0 works.</param>
    /// <returns>The block; the caller releases it.</returns>
    /// <exception cref="InsufficientMemoryException">The system gives no more memory, or no more mappings.</exception>
    internal SecretBlock Take(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        SecretBlock block = length <= LargestSlot ? ClassOf(length).Take(this) : TakeLarge(length);
        if (!block.IsLocked && Volatile.Read(ref _refusalRaised) == 0 && Interlocked.Exchange(ref _refusalRaised, 1) == 0)
        {
            RaiseLockRefused();
        }

        return block;
    }

    /// <summary>Wipes a block and takes it back.</summary>
    /// <param name="block">The block.</param>
    internal void Return(SecretBlock block)
    {
        if (block.Length <= LargestSlot)
        {
            ClassOf(block.Length).Return(block);
            return;
        }

        _memory.Free(block.Start, block.Length, block.IsLocked);
        if (!block.IsLocked)
        {
            Interlocked.Add(ref _unlockedBytes, -block.Length);
        }
        else if (!IsLocked)
        {
            _ = Array.TrueForAll(_classes, slots => slots.LockSlabs(this));
        }
    }

    /// <summary>Brings a new slab.</summary>
    /// <returns>The slab.</returns>
    internal GuardedRegion AddSlab()
    {
        GuardedRegion slab = Allocate(SlabSize);
        Interlocked.Increment(ref _slabCount);
        return slab;
    }

    /// <summary>Asks the system once more to lock what it refused to lock.</summary>
    /// <param name="slab">A slab that is not locked.</param>
    /// <returns>Whether it is locked now.</returns>
    internal bool TryLock(GuardedRegion slab)
    {
        if (!_memory.TryLock(slab.Start, slab.Size))
        {
            return false;
        }

        slab.MarkLocked();
        Interlocked.Add(ref _unlockedBytes, -slab.Size);
        return true;
    }

    private SecretBlock TakeLarge(int length)
    {
        GuardedRegion region = Allocate(length);
        return new SecretBlock(this, region, region.Start, length);
    }

    private GuardedRegion Allocate(int size)
    {
        nint start = _memory.Allocate(size, out bool isLocked);
        if (!isLocked)
        {
            Interlocked.Add(ref _unlockedBytes, size);
        }

        return new GuardedRegion(start, size, isLocked);
    }

    private void RaiseLockRefused()
    {
        foreach (Action handler in Delegate.EnumerateInvocationList(LockRefused))
        {
            try
            {
                handler();
            }
#pragma warning disable CA1031 // A handler tells of the refusal and nothing more: its failure must not take a secret's memory away.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
        }
    }

    private SlabClass ClassOf(int length) =>
        _classes[length <= SmallestSlot ? 0 : BitOperations.Log2((uint)length - 1) + 1 - s_smallestLog];
}

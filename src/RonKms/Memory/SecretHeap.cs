using System.Numerics;

namespace RonKms.Memory;

/// <summary>Guarded memory for secrets: locked where the system allows it, out of core dumps, between guard pages, wiped on release.</summary>
/// <remarks>
/// Blocks of up to <see cref="LargestSlot"/> bytes are slots of slabs, one size a slab, because a guarded allocation of its own
/// costs four memory mappings, of which a process gets some 65,000. A slab is never unmapped: whoever still holds a span of a
/// released block reads zeros or another secret, but does not fault. A larger block is an allocation of its own and is unmapped on
/// release. Thread-safe; taking and releasing take constant time under one short lock a slot size.
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

    /// <summary>Raised once, when the system first refuses to lock memory, on the thread that asked for it. Handlers must not block.</summary>
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
        return length <= LargestSlot
            ? ClassOf(length).Take(this)
            : new SecretBlock(this, Allocate(length, out bool isLocked), length, isLocked);
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
    }

    /// <summary>Brings a new slab.</summary>
    /// <param name="isLocked">Receives whether the system locked it.</param>
    /// <returns>Its address.</returns>
    internal nint AddSlab(out bool isLocked)
    {
        nint slab = Allocate(SlabSize, out isLocked);
        Interlocked.Increment(ref _slabCount);
        return slab;
    }

    private nint Allocate(int size, out bool isLocked)
    {
        nint start = _memory.Allocate(size, out isLocked);
        if (!isLocked)
        {
            Interlocked.Add(ref _unlockedBytes, size);
            if (Interlocked.Exchange(ref _refusalRaised, 1) == 0)
            {
                LockRefused?.Invoke();
            }
        }

        return start;
    }

    private SlabClass ClassOf(int length) =>
        _classes[length <= SmallestSlot ? 0 : BitOperations.Log2((uint)length - 1) + 1 - s_smallestLog];
}

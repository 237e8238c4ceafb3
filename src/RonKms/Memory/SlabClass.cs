using RonKms.Interop;

namespace RonKms.Memory;

/// <summary>The slots of one size: slabs cut into them, and which are free. Thread-safe.</summary>
internal sealed class SlabClass
{
    // Slots of locked and of unlocked slabs apart: what is locked is given out first.
    private readonly Stack<nint> _locked = new();
    private readonly Stack<nint> _unlocked = new();
    private readonly Lock _gate = new();
    private readonly int _slotSize;

    internal SlabClass(int slotSize)
    {
        _slotSize = slotSize;
    }

    /// <summary>Takes a free slot.</summary>
    /// <param name="heap">The heap that owns the slots and brings new slabs.</param>
    /// <returns>The block; it is filled with zeros.</returns>
    internal SecretBlock Take(SecretHeap heap)
    {
        lock (_gate)
        {
            if (_locked.Count == 0 && _unlocked.Count == 0)
            {
                nint slab = heap.AddSlab(out bool isLocked);
                Stack<nint> free = isLocked ? _locked : _unlocked;
                for (int offset = SecretHeap.SlabSize - _slotSize; offset >= 0; offset -= _slotSize)
                {
                    free.Push(slab + offset);
                }
            }

            return _locked.TryPop(out nint slot)
                ? new SecretBlock(heap, slot, _slotSize, isLocked: true)
                : new SecretBlock(heap, _unlocked.Pop(), _slotSize, isLocked: false);
        }
    }

    /// <summary>Wipes a slot and makes it free.</summary>
    /// <param name="block">The block, which nobody may use any more.</param>
    internal void Return(SecretBlock block)
    {
        Libsodium.sodium_memzero(block.Start, (nuint)block.Length);
        lock (_gate)
        {
            (block.IsLocked ? _locked : _unlocked).Push(block.Start);
        }
    }
}

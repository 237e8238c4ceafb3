using RonKms.Interop;

namespace RonKms.Memory;

/// <summary>The slots of one size: slabs cut into them, and which are free. Thread-safe.</summary>
internal sealed class SlabClass
{
    // Slots of locked and of unlocked slabs apart: what is locked is given out first.
    private readonly Stack<Slot> _locked = new();
    private readonly Stack<Slot> _unlocked = new();
    private readonly Stack<GuardedRegion> _unlockedSlabs = new();
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
                GuardedRegion slab = heap.AddSlab();
                if (!slab.IsLocked)
                {
                    _unlockedSlabs.Push(slab);
                }

                for (int offset = SecretHeap.SlabSize - _slotSize; offset >= 0; offset -= _slotSize)
                {
                    SlotsLike(slab).Push(new Slot(slab, slab.Start + offset));
                }
            }

            Slot slot = _locked.Count > 0 ? _locked.Pop() : _unlocked.Pop();
            return new SecretBlock(heap, slot.Slab, slot.Start, _slotSize);
        }
    }

    /// <summary>Wipes a slot and makes it free.</summary>
    /// <param name="block">The block, which nobody may use any more.</param>
    internal void Return(SecretBlock block)
    {
        Libsodium.sodium_memzero(block.Start, (nuint)block.Length);
        lock (_gate)
        {
            SlotsLike(block.Region).Push(new Slot(block.Region, block.Start));
        }
    }

    /// <summary>Locks the slabs that the system refused to lock, as far as it does now.</summary>
    /// <param name="heap">The heap that owns them.</param>
    /// <returns>Whether all are locked; otherwise the system has just refused again.</returns>
    internal bool LockSlabs(SecretHeap heap)
    {
        lock (_gate)
        {
            int refused = _unlockedSlabs.Count;
            while (_unlockedSlabs.TryPeek(out GuardedRegion? slab) && heap.TryLock(slab))
            {
                _unlockedSlabs.Pop();
            }

            if (_unlockedSlabs.Count < refused)
            {
                Slot[] slots = _unlocked.ToArray();
                _unlocked.Clear();
                foreach (Slot slot in slots)
                {
                    SlotsLike(slot.Slab).Push(slot);
                }
            }

            return _unlockedSlabs.Count == 0;
        }
    }

    private Stack<Slot> SlotsLike(GuardedRegion slab) => slab.IsLocked ? _locked : _unlocked;

    private sealed class Slot(GuardedRegion slab, nint start)
    {
        internal GuardedRegion Slab => slab;

        internal nint Start => start;
    }
}

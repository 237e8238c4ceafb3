using System.Runtime.InteropServices;
using RonKms.Algorithms;
using RonKms.Memory;
using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Scenarios;

/// <summary>Memory for secrets, and the handles of keys, that several threads take and give back.</summary>
internal static class MemoryScenarios
{
    [Explored(2)]
    internal static Trial Slots_of_one_slab()
    {
        PlainMemory memory = new();
        SecretHeap heap = new(memory);
        void Use() => TakeAndReturn(heap);
        return new Trial(Use, Use) { StepsAtFields = true, Check = () => Assert.Equal(1, heap.SlabCount), Clean = memory.Dispose };
    }

    [Explored(2)]
    internal static Trial Slabs_that_are_locked_at_last()
    {
        PlainMemory memory = new() { Refusals = 1 };
        SecretHeap heap = new(memory);
        SecretBlock large = heap.Take(SecretHeap.LargestSlot + 1);
        memory.Refusals = 1;
        return new Trial(() => TakeAndReturn(heap), () => TakeAndReturn(heap), () => large.Release())
        {
            Check = () =>
            {
                // Asked once more, now that the system refuses nothing.
                heap.Take(SecretHeap.LargestSlot + 1).Release();
                Assert.Equal(0, heap.UnlockedBytes);
                Assert.True(heap.IsLocked);
            },
            Clean = memory.Dispose,
        };
    }

    [Explored(3)]
    internal static Trial A_block_that_two_release()
    {
        PlainMemory memory = new();
        SecretHeap heap = new(memory);
        SecretBlock block = heap.Take(40);
        return new Trial(block.Release, block.Release)
        {
            StepsAtFields = true,
            Check = () => Assert.NotEqual(heap.Take(40).Start, heap.Take(40).Start),
            Clean = memory.Dispose,
        };
    }

    [Explored(3)]
    internal static Trial Handles_in_a_pool()
    {
        List<Handle> made = [];
        HandlePool<Handle> pool = new(() =>
        {
            Handle handle = new();
            made.Add(handle);
            return handle;
        });
        void Use()
        {
            for (int i = 0; i < 2; i++)
            {
                Handle handle = pool.Rent();
                handle.Use();
                pool.Return(handle);
            }
        }

        return new Trial(Use, Use)
        {
            Check = () =>
            {
                pool.Dispose();
                Assert.All(made, handle => Assert.True(handle.IsDisposed));
            },
        };
    }

    private static void TakeAndReturn(SecretHeap heap)
    {
        // Of the largest slots a slab has the fewest, and so the fewest steps to make it.
        SecretBlock block = heap.Take(SecretHeap.LargestSlot);
        Assert.False(block.Bytes.ContainsAnyExcept((byte)0), "A block is given out with something in it.");
        block.Bytes.Fill((byte)(1 + ControlledThread.Current!.Number));
        Controlled.Step("using a block");
        Assert.False(block.Bytes.ContainsAnyExcept((byte)(1 + ControlledThread.Current.Number)), "Two have the same block.");
        block.Release();
    }

    /// <summary>Memory of which a system refuses to lock some.</summary>
    private sealed unsafe class PlainMemory : GuardedMemory, IDisposable
    {
        private readonly List<nint> _taken = [];

        internal int Refusals { get; set; }

        public void Dispose() => _taken.ForEach(start => NativeMemory.Free((void*)start));

        internal override nint Allocate(int size, out bool locked)
        {
            nint start = (nint)NativeMemory.AllocZeroed((nuint)size);
            _taken.Add(start);
            locked = TryLock(start, size);
            return start;
        }

        internal override bool TryLock(nint start, int size) => Refusals-- <= 0;

        internal override void Free(nint start, int size, bool locked) => NativeMemory.Clear((void*)start, (nuint)size);
    }

    private sealed class Handle : IDisposable
    {
        private bool _isUsed;

        internal bool IsDisposed { get; private set; }

        internal void Use()
        {
            Assert.False(_isUsed || IsDisposed, "Two have the same handle.");
            _isUsed = true;
            Controlled.Step("using a handle");
            _isUsed = false;
        }

        public void Dispose()
        {
            Assert.False(_isUsed || IsDisposed, "A handle is disposed twice, or in use.");
            IsDisposed = true;
        }
    }
}

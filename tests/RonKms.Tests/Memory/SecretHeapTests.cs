using System.Diagnostics;
using RonKms.Memory;

namespace RonKms.Tests.Memory;

public sealed class SecretHeapTests
{
    private const int Slab = SecretHeap.SlabSize;

    [Theory]
    [InlineData(0, 64)]
    [InlineData(1, 64)]
    [InlineData(64, 64)]
    [InlineData(65, 128)]
    [InlineData(128, 128)]
    [InlineData(129, 256)]
    [InlineData(4097, 8192)]
    [InlineData(16_384, 16_384)]
    [InlineData(16_385, 16_385)]
    [InlineData(1_000_000, 1_000_000)]
    public void BlockHasTheNextSlotSizeOrItsOwn(int length, int expected)
    {
        using FakeGuardedMemory memory = new(long.MaxValue);
        SecretHeap heap = new(memory);
        SecretBlock block = heap.Take(length);
        Assert.Equal(expected, block.Bytes.Length);
        Assert.Equal(-1, block.Bytes.IndexOfAnyExcept((byte)0));
        block.Release();
        Assert.Equal(expected <= SecretHeap.LargestSlot ? 1 : 0, memory.Held);
    }

    [Fact]
    public void NegativeLengthIsAnArgumentError()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SecretHeap.Shared.Take(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SecretBytes.Allocate(-1));
    }

    [Fact]
    public void ReleaseWipesAndTheMemoryStaysReadable()
    {
        using FakeGuardedMemory memory = new(long.MaxValue);
        SecretHeap heap = new(memory);
        foreach (int length in new[] { 1, 64, 100, 16_384 })
        {
            SecretBlock block = heap.Take(length);
            Span<byte> late = block.Bytes;
            late.Fill(0xA5);
            block.Release();
            Assert.Equal(-1, late.IndexOfAnyExcept((byte)0));
        }
    }

    [Fact]
    public void SlotIsReusedAndNoSlotIsGivenTwice()
    {
        using FakeGuardedMemory memory = new(long.MaxValue);
        SecretHeap heap = new(memory);
        SecretBlock[] all = [.. Enumerable.Range(0, Slab / 64).Select(_ => heap.Take(64))];
        Assert.Equal(1, heap.SlabCount);
        Assert.Equal(all.Length, all.Select(b => b.Start).Distinct().Count());
        Assert.Equal(Slab - 64, all.Max(b => b.Start) - all.Min(b => b.Start));
        nint start = all[17].Start;
        all[17].Release();
        all[17].Release();
        Assert.Equal(start, heap.Take(64).Start);
        heap.Take(64);
        Assert.Equal(2, heap.SlabCount);
    }

    [Fact]
    public void SlotSizesDoNotShareSlabs()
    {
        using FakeGuardedMemory memory = new(long.MaxValue);
        SecretHeap heap = new(memory);
        for (int size = SecretHeap.SmallestSlot; size <= SecretHeap.LargestSlot; size *= 2)
        {
            for (int i = 0; i < Slab / size; i++)
            {
                heap.Take(size);
            }
        }

        Assert.Equal(9, heap.SlabCount);
    }

    [Fact]
    public void ThreadsNeverGetTheSameSlot()
    {
        using FakeGuardedMemory memory = new(long.MaxValue);
        SecretHeap heap = new(memory);
        Parallel.For(0, 20_000, i =>
        {
            SecretBlock block = heap.Take(i % 200);
            Assert.Equal(-1, block.Bytes.IndexOfAnyExcept((byte)0));
            byte mark = (byte)((i % 255) + 1);
            block.Bytes.Fill(mark);
            Assert.Equal(-1, block.Bytes.IndexOfAnyExcept(mark));
            block.Release();
        });
        Assert.InRange(heap.SlabCount, 3, 12);
    }

    [Fact]
    public void RefusedLockIsCountedAndRaisedOnce()
    {
        using FakeGuardedMemory memory = new(lockable: Slab);
        SecretHeap heap = new(memory);
        int raised = 0;
        heap.LockRefused += () => raised++;

        SecretBlock locked = heap.Take(64);
        Assert.True(heap.IsLocked);
        Assert.True(locked.IsLocked);
        Assert.Equal(0, raised);

        SecretBlock unlocked = heap.Take(1024);
        SecretBlock large = heap.Take(20_000);
        Assert.False(heap.IsLocked);
        Assert.False(unlocked.IsLocked);
        Assert.Equal(Slab + 20_000, heap.UnlockedBytes);
        Assert.Equal(1, raised);

        large.Release();
        Assert.Equal(Slab, heap.UnlockedBytes);
    }

    [Fact]
    public void SlabsThatWereRefusedAreLockedOnceALargeBlockGivesItsShareBack()
    {
        using FakeGuardedMemory memory = new(lockable: 3 * Slab);
        SecretHeap heap = new(memory);
        SecretBlock large = heap.Take(2 * Slab);
        SecretBlock locked = heap.Take(64);
        SecretBlock refused = heap.Take(1024);
        SecretBlock alsoRefused = heap.Take(4096);
        SecretBlock last = heap.Take(16_384);
        last.Bytes.Fill(0xA5);
        heap.Take(4096).Release();
        Assert.Equal(3 * Slab, heap.UnlockedBytes);

        large.Release();

        Assert.Equal(Slab, heap.UnlockedBytes);
        Assert.All([locked, refused, alsoRefused], block => Assert.True(block.IsLocked));
        Assert.False(last.IsLocked);
        Assert.Equal(-1, last.Bytes.IndexOfAnyExcept((byte)0xA5));

        refused.Release();
        SecretBlock[] all = [.. Enumerable.Range(0, Slab / 1024).Select(_ => heap.Take(1024))];
        Assert.All(all, block => Assert.True(block.IsLocked));
        Assert.Equal(all.Length, all.Select(block => block.Start).Distinct().Count());
        Assert.Equal(4, heap.SlabCount);
    }

    [Fact]
    public void AHandlerOfTheRefusalMayThrowAndMayWaitForOthersThatTakeMemory()
    {
        using FakeGuardedMemory memory = new(lockable: 0);
        SecretHeap heap = new(memory);
        int heard = 0;
        heap.LockRefused += () => throw new InvalidOperationException("a handler's own failure");
        heap.LockRefused += () =>
        {
            Thread other = new(() => heap.Take(64));
            other.Start();
            heard += other.Join(TimeSpan.FromSeconds(10)) ? 1 : 0;
        };

        SecretBlock block = heap.Take(64);
        heap.Take(20_000);

        Assert.Equal(1, heard);
        Assert.Equal(64, block.Bytes.Length);
    }

    [Fact]
    public void AnAccountThatCannotBeReadIsUnknown()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: only Linux says how much is locked");

        // The first page of no process can be read, so that this file opens and fails.
        Assert.ThrowsAny<IOException>(() => File.ReadAllText("/proc/self/mem"));
        Assert.Null(GuardedMemory.ReadLockedBytes("/proc/self/mem"));
        Assert.Null(GuardedMemory.ReadLockedBytes("/proc/self/limits"));
        Assert.NotNull(GuardedMemory.ReadLockedBytes());
    }

    [Fact]
    public void LockedSlotsAreGivenOutFirst()
    {
        using FakeGuardedMemory memory = new(lockable: Slab);
        SecretHeap heap = new(memory);
        SecretBlock[] locked = [.. Enumerable.Range(0, Slab / 64).Select(_ => heap.Take(64))];
        SecretBlock unlocked = heap.Take(64);
        Assert.False(unlocked.IsLocked);
        locked[0].Release();
        unlocked.Release();
        Assert.True(heap.Take(64).IsLocked);
        Assert.False(heap.Take(64).IsLocked);
    }

    [Fact]
    public void SlotsOfASlabThatWasLockedLaterAreGivenOutFirst()
    {
        using FakeGuardedMemory memory = new(lockable: Slab);
        SecretHeap heap = new(memory);
        SecretBlock large = heap.Take(Slab);
        SecretBlock[] ofFirstSlab = [.. Enumerable.Range(0, Slab / 64).Select(_ => heap.Take(64))];
        SecretBlock ofSecondSlab = heap.Take(64);
        large.Release();
        Assert.True(ofSecondSlab.IsLocked);
        Assert.False(ofFirstSlab[0].IsLocked);

        ofFirstSlab[0].Release();

        Assert.True(heap.Take(64).IsLocked);
    }

    [Fact]
    public void AHundredThousandSecretsFitAndKeepTheirBytes()
    {
        const int Count = 100_000;
        int slabs = SecretHeap.Shared.SlabCount;
        SecretBytes[] secrets = new SecretBytes[Count];
        byte[] value = new byte[64];
        for (int i = 0; i < Count; i++)
        {
            BitConverter.TryWriteBytes(value, i);
            secrets[i] = SecretBytes.CopyOf(value);
        }

        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(i, BitConverter.ToInt32(secrets[i].Reveal()));
            secrets[i].Dispose();
        }

        Assert.InRange(SecretHeap.Shared.SlabCount - slabs, 0, 110);
    }

    [Fact]
    public void SharedHeapAgreesWithTheSystemAboutWhatIsLocked()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: only Linux says how much is locked");
        using SecretBytes secret = SecretBytes.Allocate(64);
        long held = (long)SecretHeap.Shared.SlabCount * Slab;
        long unlocked = SecretHeap.Shared.UnlockedBytes;

        // Other tests lock memory meanwhile, so the system's figure, read last, can only be larger.
        long? locked = GuardedMemory.ReadLockedBytes();
        Assert.NotNull(locked);
        Assert.InRange(locked.Value, held - unlocked, long.MaxValue);
    }

    [Fact]
    public void GuardedMemoryIsLockedWhereTheSystemAllowsItAndKeptOutOfCoreDumpsAlways()
    {
        Assert.SkipUnless(File.Exists("/proc/self/smaps"), "skipped: the system has no /proc/self/smaps");
        GuardedMemory memory = new();
        nint start = memory.Allocate(Slab, out bool isLocked);
        string[] flags = VmFlagsOf(start);
        memory.Free(start, Slab, isLocked);
        Assert.Contains("dd", flags);
        Assert.Equal(isLocked, flags.Contains("lo"));
    }

    [Fact]
    public void MemoryThatTheSystemDoesNotGiveIsAnError()
    {
        // As a size without sign, more than there are addresses.
        GuardedMemory memory = new();

        Assert.Contains("vm.max_map_count", Assert.Throws<InsufficientMemoryException>(() => memory.Allocate(-1, out _)).Message, StringComparison.Ordinal);

        nint start = memory.Allocate(64, out bool locked);
        memory.Free(start, 64, locked);
    }

    [Fact]
    public async Task TouchOfAGuardPageEndsTheProcess()
    {
        string executable = Path.ChangeExtension(typeof(SecretHeapTests).Assembly.Location, OperatingSystem.IsWindows() ? "exe" : null);
        ProcessStartInfo start = new(executable) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { "-explicit", "only", "-method", $"{typeof(SecretHeapTests).FullName}.{nameof(TouchAGuardPage)}" })
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using Process child = Process.Start(start)!;
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Task<string> errors = child.StandardError.ReadToEndAsync(cancellation);
        string output = await child.StandardOutput.ReadToEndAsync(cancellation);
        await child.WaitForExitAsync(cancellation);
        Assert.True(child.ExitCode is 134 or 139 or unchecked((int)0xC0000005), $"exit code {child.ExitCode}: {output}");
        Assert.Contains("AccessViolationException", await errors, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public unsafe void TouchAGuardPage()
    {
        nint start = new GuardedMemory().Allocate(Slab, out _);
        ((byte*)start)[Slab - 1] = 1;
        ((byte*)start)[Slab] = 1;
    }

    private static string[] VmFlagsOf(nint address)
    {
        const string Flags = "VmFlags:";
        bool isInside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string range = line.Split(' ')[0];
            if (range.Split('-') is [string low, string high] && long.TryParse(low, System.Globalization.NumberStyles.HexNumber, null, out long from))
            {
                isInside = from <= address && address < long.Parse(high, System.Globalization.NumberStyles.HexNumber, null);
            }
            else if (isInside && line.StartsWith(Flags, StringComparison.Ordinal))
            {
                return line[Flags.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            }
        }

        return [];
    }
}

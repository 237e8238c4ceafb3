using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using RonKms.Storage;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Storage;

[UnsupportedOSPlatform("windows")]
public sealed partial class FileStoreLockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public FileStoreLockTests() => Create(Root).Dispose();

    private string Root => _directory["store"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Two_stores_of_one_process_exclude_each_other()
    {
        using (FileStore.Open(Root, Existing))
        {
            KmsException refusal = Refused();
            Assert.Contains($"this process (pid {Environment.ProcessId})", refusal.Message, StringComparison.Ordinal);
        }

        FileStore.Open(Root, Existing).Dispose();
    }

    [Fact]
    public void The_process_that_holds_a_store_is_named()
    {
        using ChildProcess holder = ChildProcess.Hold(Root);

        KmsException refusal = Refused();

        Assert.Contains($"pid {holder.Id.ToString(CultureInfo.InvariantCulture)}", refusal.Message, StringComparison.Ordinal);
        Assert.True(refusal.IsRetryable);
    }

    [Fact]
    public void A_store_whose_holder_was_killed_is_taken_over_at_once()
    {
        using ChildProcess holder = ChildProcess.Hold(Root);
        Refused();

        holder.Kill();

        using FileStore store = Reopen(Root);
        Assert.Equal(CommitResult.Committed, store.Commit(Creation(1, 1)));
    }

    [Fact]
    public async Task Of_two_processes_one_gets_the_store_and_the_other_one_when_that_is_killed()
    {
        using ChildProcess one = ChildProcess.Race(Root);
        using ChildProcess other = ChildProcess.Race(Root);
        Task oneHolds = one.Holds();
        Task otherHolds = other.Holds();

        bool oneWasFirst = await Task.WhenAny(oneHolds, otherHolds) == oneHolds;
        (ChildProcess first, ChildProcess second) = oneWasFirst ? (one, other) : (other, one);
        Task secondHolds = oneWasFirst ? otherHolds : oneHolds;
        Assert.Contains($"pid {first.Id.ToString(CultureInfo.InvariantCulture)}", Refused().Message, StringComparison.Ordinal);
        Assert.False(secondHolds.IsCompleted);

        first.Kill();
        await secondHolds;

        Assert.Contains($"pid {second.Id.ToString(CultureInfo.InvariantCulture)}", Refused().Message, StringComparison.Ordinal);
        second.Kill();
        FileStore.Open(Root, Existing).Dispose();
    }

    [Fact]
    public void Opening_waits_until_the_holder_lets_go()
    {
        using ChildProcess holder = ChildProcess.Hold(Root);
        var time = new SteppingTimeProvider(wait =>
        {
            if (wait == 3) holder.Release();
        });

        using FileStore store = FileStore.Open(Root, new FileStoreOptions { LockTimeout = TimeSpan.FromSeconds(1), TimeProvider = time });

        Assert.Equal(3, time.Waits);
    }

    [Fact]
    public void Opening_waits_no_longer_than_it_may()
    {
        using FileStore holder = FileStore.Open(Root, Existing);
        var time = new SteppingTimeProvider();
        var options = new FileStoreOptions { LockTimeout = TimeSpan.FromMilliseconds(1010), TimeProvider = time };

        KmsException refusal = Assert.Throws<KmsException>(() => FileStore.Open(Root, options));

        Assert.Equal(KmsError.StoreLocked, refusal.Error);
        Assert.Equal(options.LockTimeout, time.Elapsed);
        Assert.True(time.Waits > 10);
    }

    [Fact]
    public void A_time_to_wait_is_not_negative() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FileStore.Open(Root, new FileStoreOptions { LockTimeout = Timeout.InfiniteTimeSpan }));

    [Theory]
    [InlineData("")]
    [InlineData("1\n")]
    [InlineData("not a number, and longer than one")]
    public void What_an_earlier_holder_left_in_the_file_does_not_matter(string content)
    {
        File.WriteAllText(_directory["store", "lock"], content);

        using FileStore store = FileStore.Open(Root, Existing);

        Assert.Contains($"pid {Environment.ProcessId}", Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_child_process_does_not_inherit_the_lock()
    {
        Process child;
        using (FileStore.Open(Root, Existing))
        {
            child = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true })!;
        }

        using (child)
        {
            FileStore.Open(Root, Existing).Dispose();
            Assert.False(child.HasExited);
            child.StandardInput.Close();
            child.WaitForExit();
        }
    }

    [Fact]
    public void The_lock_goes_even_while_a_process_that_is_being_started_has_it_open()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Open files are found in /proc.");
        FileStore store = FileStore.Open(Root, Existing);
        string descriptor = Directory.GetFiles("/proc/self/fd").Single(file => new FileInfo(file).LinkTarget == _directory["store", "lock"]);

        // As between fork and exec: another descriptor of the same open file.
        using var copy = new SafeFileHandle(dup(int.Parse(Path.GetFileName(descriptor), CultureInfo.InvariantCulture)), ownsHandle: true);
        Assert.False(copy.IsInvalid);
        store.Dispose();

        FileStore.Open(Root, Existing).Dispose();
    }

    [Fact]
    public void A_store_that_is_being_made_is_locked_too()
    {
        using FileStore maker = FileStore.Open(_directory["new"], Creating);

        KmsException refusal = Assert.Throws<KmsException>(() => FileStore.Open(_directory["new"], Creating));

        Assert.Equal(KmsError.StoreLocked, refusal.Error);
    }

    [Fact]
    public void A_file_that_cannot_be_locked_is_no_lock()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have no handle that cannot be locked.");

        KmsException failure = Assert.Throws<KmsException>(() => StoreLock.Take(new UnlockableFiles(), _directory["store", "lock"], TimeSpan.Zero, TimeProvider.System));

        Assert.Equal(KmsError.StoreFailed, failure.Error);
        Assert.StartsWith($"Could not lock {_directory["store", "lock"]}: ", failure.Message, StringComparison.Ordinal);
        FileStore.Open(Root, Existing).Dispose();
    }

    [Fact]
    public void A_lock_file_that_is_gone_once_it_was_made_is_told()
    {
        KmsException failure = Assert.Throws<KmsException>(() => StoreLock.Take(new ForgetfulFiles(), _directory["gone"], TimeSpan.Zero, TimeProvider.System));

        Assert.Equal(KmsError.StoreFailed, failure.Error);
        Assert.Contains("gone again", failure.Message, StringComparison.Ordinal);
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int dup(int descriptor);

    private KmsException Refused()
    {
        KmsException refusal = Assert.Throws<KmsException>(() => FileStore.Open(Root, Existing));
        Assert.Equal(KmsError.StoreLocked, refusal.Error);
        Assert.Contains(Root, refusal.Message, StringComparison.Ordinal);
        return refusal;
    }

    /// <summary>Opens files by their place alone (O_PATH): the system locks no such handle.</summary>
    private sealed class UnlockableFiles : FileOperations
    {
        private const int O_PATH = 0x20_0000;

        internal override SafeFileHandle? Open(string path, FileUse use) => UnixFile.Open(path, O_PATH, followLink: false);
    }

    /// <summary>What it makes is removed at once by somebody else.</summary>
    private sealed class ForgetfulFiles : FileOperations
    {
        internal override SafeFileHandle CreateNew(string path)
        {
            SafeFileHandle file = base.CreateNew(path);
            Unlink(path);
            return file;
        }
    }
}

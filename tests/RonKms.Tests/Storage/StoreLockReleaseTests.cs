using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

public sealed partial class StoreLockReleaseTests
{
    [Fact]
    public void A_closed_store_is_free_even_while_a_forked_process_has_its_handles()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "skipped: Windows forks no processes");
        using TemporaryDirectory directory = new();
        HandleKeeper files = new();
        FileStore store = FileStore.Open(directory["store"], FileStores.Creating, files);

        // What a fork does, until the new process runs its program and close-on-exec closes it.
        using SafeFileHandle inherited = new(Duplicate(files.Lock!), ownsHandle: true);
        Assert.False(inherited.IsInvalid);
        Assert.Equal(KmsError.StoreLocked, Assert.Throws<KmsException>(() => FileStore.Open(directory["store"], FileStores.Creating)).Error);
        store.Dispose();

        FileStore.Open(directory["store"], FileStores.Creating).Dispose();
    }

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial nint Duplicate(SafeFileHandle file);

    private sealed class HandleKeeper : FileOperations
    {
        internal SafeFileHandle? Lock { get; private set; }

        internal override SafeFileHandle? Open(string path, FileUse use)
        {
            SafeFileHandle? file = base.Open(path, use);
            if (Path.GetFileName(path) == StoreLayout.LockName) Lock = file ?? Lock;
            return file;
        }
    }
}

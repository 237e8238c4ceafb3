using System.Diagnostics;
using System.Runtime.Versioning;
using RonKms.Storage;
using RonKms.Tests.Durability;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Storage;

/// <summary>A file system that is really full.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileStoreFullDiskTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly bool _isMounted;

    public FileStoreFullDiskTests()
    {
        Directory.CreateDirectory(Mount);
        _isMounted = ChildProcess.IsRoot && Run("mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", Mount) == 0;
        if (_isMounted) return;

        _directory.Dispose();
        Assert.Skip("A small file system can be mounted by root only.");
    }

    private string Mount => _directory["disk"];

    private string Root => Path.Combine(Mount, "store");

    public void Dispose()
    {
        // Lazily: a process that another test is just starting may have a file on it open.
        if (_isMounted) Assert.Equal(0, Run("umount", "--lazy", Mount));
        _directory.Dispose();
    }

    [Fact]
    public void What_was_acknowledged_survives_a_full_disk()
    {
        int acknowledged = 0;
        using (FileStore store = Create(Root))
        {
            KmsException? failure = null;
            while (failure is null)
            {
                try
                {
                    store.Commit(Creation(acknowledged + 1, acknowledged + 1));
                    acknowledged++;
                }
                catch (KmsException thrown)
                {
                    failure = thrown;
                }
            }

            Assert.True(acknowledged > 10);
            Assert.Equal(KmsError.StoreFailed, failure.Error);
            Assert.Contains("The disk is full. Free space", failure.Message, StringComparison.Ordinal);
            Assert.Contains("not acknowledged", failure.Message, StringComparison.Ordinal);
            Assert.Equal(2, failure.Message.Split(Root).Length);
            Assert.Contains("until the store is reopened", failure.Message, StringComparison.Ordinal);
            Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => store.Commit(Creation(acknowledged + 1, acknowledged + 1))).Error);
        }

        // Keys stay usable while the disk is full.
        using FileStore reopened = Reopen(Root);
        Assert.InRange(Lines(reopened).Length, acknowledged + 1, acknowledged + 2);
        AssertConsistent(reopened, Root);
    }

    [Fact]
    public void A_keystore_on_a_full_disk_stays_as_it_was_and_goes_on_once_there_is_room()
    {
        string filler = Path.Combine(Mount, "filler");
        StoreState before;
        using (Keystore keys = TestKeystore.OpenOrCreate(Root))
        {
            KeyId key = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
            before = StoreState.Of(keys);
            Fill(filler);

            KmsException failure = Assert.Throws<KmsException>(() => keys.Create("acme", "too-much", KeyAlgorithm.Ed25519));

            Assert.Equal(KmsError.StoreFailed, failure.Error);
            Assert.Contains("Free space", failure.Message, StringComparison.Ordinal);
            Assert.Equal(before, StoreState.Of(keys));
            Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => keys.Rotate(key)).Error);
        }

        using (Keystore stillFull = TestKeystore.Open(Root)) Assert.Equal(before, StoreState.Of(stillFull));
        File.Delete(filler);
        using Keystore reopened = TestKeystore.Open(Root);
        Assert.Equal(before, StoreState.Of(reopened));
        reopened.Create("acme", "fits", KeyAlgorithm.Ed25519);
        TestKeystore.AssertFilesFit(reopened, Root);
    }

    [Fact]
    public void No_half_store_is_made_on_a_full_disk()
    {
        string filler = Path.Combine(Mount, "filler");
        Fill(filler);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => Create(Root)).Error);

        File.Delete(filler);

        using FileStore store = Create(Root);
        Assert.Equal(CommitResult.Committed, store.Commit(Creation(1, 1)));
    }

    private static void Fill(string path)
    {
        using FileStream file = File.Create(path);
        Action fill = () =>
        {
            while (true) file.Write(new byte[4096]);
        };
        Assert.Throws<IOException>(fill);
    }

    private static int Run(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}

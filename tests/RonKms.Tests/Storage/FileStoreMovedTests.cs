using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

/// <summary>A store whose files are moved away or replaced under its writer.</summary>
public sealed class FileStoreMovedTests : IDisposable
{
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();

    private string Root => _directory["store"];

    private string Moved => _directory["moved"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_writer_whose_directory_was_moved_and_copied_back_acknowledges_nothing(bool isCopied)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows moves no directory in which a file is open.");
        using Keystore keys = Create(out KeyId key);
        Directory.Move(Root, Moved);
        if (isCopied) CopyBack();

        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => keys.Disable(key)).Error);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => keys.Create("acme", "other", KeyAlgorithm.Ed25519)).Error);
        Assert.Equal(2, File.ReadAllLines(Path.Combine(Moved, "g1", "journal.jsonl")).Length);
        if (isCopied) Assert.Equal(StoreImage.Digests(Moved), StoreImage.Digests(Root));
    }

    [Fact]
    public void A_directory_that_is_moved_once_the_line_is_written_is_seen_before_the_change_is_acknowledged()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows moves no directory in which a file is open.");
        FileStores.Create(Root).Dispose();
        FilesWithHook files = new();
        using FileStore store = FileStores.Reopen(Root, files);
        files.OnceSynced = () =>
        {
            Directory.Move(Root, Moved);
            CopyBack();
        };

        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => store.Commit(FileStores.Creation(1, 1))).Error);
        Assert.Null(files.OnceSynced);
    }

    [Fact]
    public void A_writer_whose_lock_was_removed_sees_that_another_one_resealed_the_store()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows removes no lock that is held.");
        using Keystore keys = Create(out KeyId key);
        File.Delete(Path.Combine(Root, "lock"));
        using Keystore other = Keystore.Open("file:" + Root, Kek());
        other.Reseal(Kek(), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => keys.Disable(key)).Error);
        Assert.Equal(KeyState.Enabled, other.Get(key).State);
    }

    private static KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes([.. Enumerable.Repeat((byte)1, 32)]);

    // Everything but the lock, which its holder keeps others from reading.
    private void CopyBack()
    {
        StoreImage.MakePrivate(Root);
        StoreImage.Copy(Path.Combine(Moved, "g1"), Path.Combine(Root, "g1"));
        StoreImage.CopyFile(Path.Combine(Moved, "store.json"), Path.Combine(Root, "store.json"));
    }

    private Keystore Create(out KeyId key)
    {
        Keystore keys = Keystore.OpenOrCreate("file:" + Root, Kek());
        key = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
        return keys;
    }

    private sealed class FilesWithHook : InterceptedFiles
    {
        /// <summary>Done once, when the journal's lines are on the disk.</summary>
        internal Action? OnceSynced { get; set; }

        protected override void Intercept(string name, string path, Action operation, Action? half)
        {
            operation();
            if (name == "sync data" && OnceSynced is { } hook)
            {
                OnceSynced = null;
                hook();
            }
        }
    }
}

using System.Diagnostics;
using System.Runtime.Versioning;
using RonKms.Storage;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Storage;

[UnsupportedOSPlatform("windows")]
public sealed class FileStorePermissionTests : IDisposable
{
    private const string RecordPath = "g1/keys/01/01000001-0001-0002-0304-05060708090a.v1.ronk";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyDirectory = OwnerOnly | UnixFileMode.UserExecute;
    private readonly TemporaryDirectory _directory = new();

    public FileStorePermissionTests()
    {
        using FileStore store = Create(Root);
        store.Commit(Creation(1, 1, 2));
        store.Commit(Destruction(3, 2));
    }

    public static TheoryData<string> Paths => [".", "lock", "store.json", "g1", "g1/journal.jsonl", "g1/keys", "g1/keys/01", RecordPath];

    public static TheoryData<string, UnixFileMode> PathsAndModes
    {
        get
        {
            var rows = new TheoryData<string, UnixFileMode>();
            foreach (string path in Paths.Select(row => row.Data))
            {
                rows.Add(path, UnixFileMode.GroupRead);
                rows.Add(path, UnixFileMode.OtherWrite);
                rows.Add(path, UnixFileMode.OtherExecute);
            }

            return rows;
        }
    }

    // A shell must be told where such a name ends.
    private string Root => _directory["bob's store"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Everything_is_made_for_the_owner_alone()
    {
        File.AppendAllText(Path.Combine(Root, "g1/journal.jsonl"), "torn");
        Reopen(Root).Dispose();
        string[] entries = [Root, .. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories)];

        Assert.Contains(entries, entry => entry.EndsWith("/lost", StringComparison.Ordinal));
        Assert.All(entries, entry => Assert.Equal(Directory.Exists(entry) ? OwnerOnlyDirectory : OwnerOnly, File.GetUnixFileMode(entry)));
    }

    [Theory]
    [MemberData(nameof(PathsAndModes))]
    public void What_others_can_get_at_is_refused(string name, UnixFileMode opened)
    {
        string path = Path.GetFullPath(Path.Combine(Root, name));
        UnixFileMode mode = File.GetUnixFileMode(path) | opened;
        File.SetUnixFileMode(path, mode);

        KmsException refusal = Assert.Throws<KmsException>(ReadEverything);

        Assert.Equal(KmsError.PermissionsTooWide, refusal.Error);
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Convert.ToString((int)mode, 8), refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.IsRetryable);

        // What it says to run is all that it takes.
        Run("sh", "-c", refusal.Message.Split("then run: ")[1]);
        ReadEverything();
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void What_belongs_to_somebody_else_is_refused(string name)
    {
        Assert.SkipUnless(ChildProcess.IsRoot, "Only root can give a file away.");
        string path = Path.GetFullPath(Path.Combine(Root, name));
        Run("chown", "65533", path);

        KmsException refusal = Assert.Throws<KmsException>(ReadEverything);

        Assert.Equal(KmsError.PermissionsTooWide, refusal.Error);
        Assert.Contains($"{path} belongs to user 65533", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("chown ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Somebody_elses_directory_is_refused_to_an_unprivileged_user()
    {
        if (IsRunElsewhere(nameof(Somebody_elses_directory_is_refused_to_an_unprivileged_user))) return;

        KmsException refusal = Assert.Throws<KmsException>(() => FileStore.Open("/usr", Creating));

        Assert.Equal(KmsError.PermissionsTooWide, refusal.Error);
        Assert.Contains("/usr belongs to user 0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_is_not_made_where_the_user_may_not_write()
    {
        if (IsRunElsewhere(nameof(A_store_is_not_made_where_the_user_may_not_write))) return;

        using var parent = new TemporaryDirectory();
        File.SetUnixFileMode(parent.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        AssertNotAllowed(Assert.Throws<KmsException>(() => FileStore.Open(parent["store"], Creating)), parent["store"]);
        AssertNotAllowed(Assert.Throws<KmsException>(() => FileStore.Open(parent.Path, Creating)), parent.Path);

        File.SetUnixFileMode(parent.Path, OwnerOnlyDirectory);
        Assert.Empty(Directory.EnumerateFileSystemEntries(parent.Path));
    }

    [Fact]
    public void What_the_user_may_not_read_is_named()
    {
        if (IsRunElsewhere(nameof(What_the_user_may_not_read_is_named))) return;

        string journal = Path.Combine(Root, "g1/journal.jsonl");
        File.SetUnixFileMode(journal, UnixFileMode.None);

        AssertNotAllowed(Assert.Throws<KmsException>(ReadEverything), journal);
    }

    [Fact]
    public void A_commit_that_may_not_write_leaves_nothing_and_is_the_last_one()
    {
        if (IsRunElsewhere(nameof(A_commit_that_may_not_write_leaves_nothing_and_is_the_last_one))) return;

        string keys = Path.Combine(Root, "g1/keys");
        using (FileStore store = Reopen(Root))
        {
            File.SetUnixFileMode(Path.Combine(keys, "01"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
            StoreCommit commit = new(4, [new SealedRecord(Key(1), 2, Record(1))], [Line("rotate 1")], []);
            AssertNotAllowed(Assert.Throws<KmsException>(() => store.Commit(commit)), Path.Combine(keys, "01"));

            File.SetUnixFileMode(Path.Combine(keys, "01"), OwnerOnlyDirectory);
            Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => store.Commit(commit)).Error);
            Assert.Equal(Record(1), store.ReadRecord(Key(1), 1));
        }

        using FileStore reopened = Reopen(Root);
        AssertConsistent(reopened, Root);
        Assert.Equal(CommitResult.Committed, reopened.Commit(Creation(4, 3)));
        Assert.False(Directory.Exists(Path.Combine(Root, "lost")));
    }

    private static void AssertNotAllowed(KmsException refusal, string path)
    {
        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Check the owner and mode", refusal.Message, StringComparison.Ordinal);
    }

    private static bool IsRunElsewhere(string test)
    {
        if (!ChildProcess.IsRoot) return false;

        ChildProcess.RunUnprivileged(typeof(FileStorePermissionTests), test);
        return true;
    }

    private static void Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(command, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private void ReadEverything()
    {
        using FileStore store = FileStore.Open(Root, Existing);
        store.ReadDescription();
        store.UseGeneration(1);
        store.ReadRecord(Key(1), 1);
        store.ReadRemains(Key(2), 1);
    }
}

using System.Runtime.Versioning;
using System.Text;
using RonKms.Storage;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Storage;

/// <summary>A store that is opened to be read alone.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileStoreReadOnlyTests : IDisposable
{
    private static readonly FileStoreOptions s_readOnly = new() { ReadOnly = true };
    private readonly StoreDirectory _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void It_opens_beside_the_writer_and_sees_what_is_appended()
    {
        using FileStore writer = Create(_store.Root);
        using FileStore reader = Opened();
        Assert.Equal(Description, reader.ReadDescription());
        Assert.Equal([FirstLine], Lines(reader));

        writer.Commit(Creation(1, 1, 2));

        Assert.Equal("create 1\ncreate 2\n", Text(reader.ReadJournal(1)));
        Assert.Equal("create 2"u8.ToArray(), reader.ReadLine(3));
        Assert.Empty(reader.ReadJournal(3).Bytes.ToArray());
        Assert.Equal(Record(2), reader.ReadRecord(Key(2), 1));

        writer.Commit(Destruction(3, 1));

        Assert.Equal("destroy 1\n", Text(reader.ReadJournal(3)));
        Assert.Null(reader.ReadRecord(Key(1), 1));
        Assert.Equal(Header(1), reader.ReadRemains(Key(1), 1));
    }

    [Fact]
    public void Nothing_is_written_by_any_member()
    {
        Create(_store.Root).Dispose();
        using FileStore reader = Opened();

        Action[] changes =
        [
            () => reader.Create(Description, Line(FirstLine)),
            () => reader.WriteNextDescription(Description),
            reader.InstallNextDescription,
            reader.DropNextDescription,
            () => reader.BuildGeneration(2),
            () => reader.RemoveEarlierGenerations(keepRecords: false, []),
            () => reader.Commit(Creation(1, 1)),
        ];

        Assert.All(changes, change => Assert.Contains("read-only", Assert.Throws<InvalidOperationException>(change).Message, StringComparison.Ordinal));
        Assert.Equal([FirstLine], Lines(reader));
    }

    [Fact]
    public void Nothing_in_the_directory_changes_whatever_lies_there()
    {
        using (FileStore store = Create(_store.Root))
        {
            store.Commit(Creation(1, 1, 2));
            store.Commit(Destruction(3, 2));
        }

        File.Delete(_store["lock"]);
        File.AppendAllText(_store.Journal, "torn");
        _store.WritePrivate("store.json.tmp", "left");
        _store.WritePrivate("store.json.next", "left");
        _store.WritePrivate("g1/keys/01/01000001-0001-0002-0304-05060708090a.v2.ronk", "orphan");
        string before = Image();

        using (FileStore reader = Opened())
        {
            Assert.Equal(["open", "create 1", "create 2", "destroy 2", "torn"], Lines(reader));
            reader.Settle(Settlement(reader));
            Assert.Equal("torn", Text(reader.ReadJournal(4)));
            Assert.Equal(Record(1), reader.ReadRecord(Key(1), 1));
            Assert.Equal(2, reader.ListRecords().Count());
        }

        Assert.Equal(before, Image());
    }

    [Fact]
    public void What_was_torn_is_read_anew_once_a_writer_cut_it_off()
    {
        using (FileStore store = Create(_store.Root)) store.Commit(Creation(1, 1));
        File.AppendAllText(_store.Journal, "torn\0\nand a long rest of a line");
        using FileStore reader = Opened();
        Assert.Equal(4, Lines(reader).Length);
        reader.Settle(new JournalSettlement(2, 14, 5, [], []));
        Assert.StartsWith("torn", Text(reader.ReadJournal(2)), StringComparison.Ordinal);

        using (FileStore writer = FileStore.Open(_store.Root, Existing))
        {
            writer.UseGeneration(1);
            writer.Settle(new JournalSettlement(2, 14, 5, [], []));
            writer.Commit(Creation(2, 2, 3));
        }

        Assert.Equal("create 2\ncreate 3\n", Text(reader.ReadJournal(2)));
        Assert.Equal("create 3"u8.ToArray(), reader.ReadLine(4));
    }

    [Fact]
    public void The_lines_of_a_later_generation_have_numbers_once_they_were_checked()
    {
        Create(_store.Root).Dispose();
        _store.MakeDirectories("g7");
        _store.WritePrivate("g7/journal.jsonl", "first\nsecond\n");
        using FileStore reader = FileStore.Open(_store.Root, s_readOnly);
        reader.UseGeneration(7);
        Assert.Throws<InvalidOperationException>(() => reader.ReadJournal(41));
        Assert.Equal(2, Lines(reader).Length);

        reader.Settle(new JournalSettlement(42, 13, 6, [], []));
        File.AppendAllText(_store["g7", "journal.jsonl"], "third\n");

        Assert.Equal("third\n", Text(reader.ReadJournal(42)));
        Assert.Equal("first"u8.ToArray(), reader.ReadLine(41));
        Assert.Equal("third"u8.ToArray(), reader.ReadLine(43));
    }

    [Fact]
    public void A_journal_that_became_shorter_was_rolled_back()
    {
        using FileStore writer = Create(_store.Root);
        writer.Commit(Creation(1, 1));
        using FileStore reader = Opened();
        Assert.Equal(2, Lines(reader).Length);

        File.WriteAllText(_store.Journal, "open\n");

        KmsException refusal = Assert.Throws<KmsException>(() => reader.ReadJournal(2));
        Assert.Equal(KmsError.Rollback, refusal.Error);
        Assert.Contains(_store.Journal, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_that_is_gone_is_missed_and_found_again()
    {
        using FileStore writer = Create(_store.Root);
        using FileStore reader = Opened();
        _ = Lines(reader);
        File.Move(_store.Journal, _store.Outside("journal"));

        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => reader.ReadJournal(1)).Error);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => reader.ReadLine(1)).Error);

        File.Move(_store.Outside("journal"), _store.Journal);
        Assert.Equal("open"u8.ToArray(), reader.ReadLine(1));
    }

    [Fact]
    public void A_store_is_not_made_to_be_read()
    {
        Assert.Throws<ArgumentException>(() => FileStore.Open(_store.Root, new FileStoreOptions { ReadOnly = true, Create = true }));
        Assert.Equal(KmsError.StoreNotFound, Assert.Throws<KmsException>(() => FileStore.Open(_store.Root, s_readOnly)).Error);
        Assert.False(Directory.Exists(_store.Root));

        _store.MakeDirectories("");
        Assert.Equal(KmsError.StoreNotFound, Assert.Throws<KmsException>(() => FileStore.Open(_store.Root, s_readOnly)).Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_store.Root));
    }

    [Fact]
    public void A_directory_that_nobody_may_write_to_is_read()
    {
        if (ChildProcess.IsRoot)
        {
            ChildProcess.RunUnprivileged(typeof(FileStoreReadOnlyTests), nameof(A_directory_that_nobody_may_write_to_is_read));
            return;
        }

        using (FileStore store = Create(_store.Root)) store.Commit(Creation(1, 1));
        string[] directories = [_store.Root, _store["g1"], _store["g1", "keys"], _store["g1", "keys", "01"]];
        foreach (string path in directories) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            foreach (string path in Directory.EnumerateFiles(_store.Root, "*", SearchOption.AllDirectories)) File.SetUnixFileMode(path, UnixFileMode.UserRead);
            using FileStore reader = Opened();

            Assert.Equal(2, Lines(reader).Length);
            Assert.Equal(Record(1), reader.ReadRecord(Key(1), 1));
        }
        finally
        {
            foreach (string path in directories) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string Text(JournalTail tail) => Encoding.UTF8.GetString(tail.Bytes.Span);

    private FileStore Opened()
    {
        FileStore store = FileStore.Open(_store.Root, s_readOnly);
        store.UseGeneration(1);
        return store;
    }

    private string Image() => StoreDirectory.Image(_store.Root);
}

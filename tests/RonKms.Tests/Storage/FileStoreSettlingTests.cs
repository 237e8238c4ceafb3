using System.Runtime.Versioning;
using RonKms.Storage;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Storage;

/// <summary>What a store does with what a crash left.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileStoreSettlingTests : IDisposable
{
    private readonly StoreDirectory _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Nothing_is_written_before_the_journal_was_checked()
    {
        Create(_store.Root).Dispose();
        using FileStore store = FileStore.Open(_store.Root, Existing);
        store.UseGeneration(1);

        Assert.Throws<InvalidOperationException>(() => store.Commit(Creation(1, 1)));

        Assert.Equal("open\n", File.ReadAllText(_store.Journal));
    }

    [Fact]
    public void Torn_bytes_are_moved_aside()
    {
        Create(_store.Root).Dispose();
        File.AppendAllText(_store.Journal, "creat");

        using FileStore store = Reopen(_store.Root);

        Assert.Equal("open\n", File.ReadAllText(_store.Journal));
        Assert.Equal("creat", File.ReadAllText(Assert.Single(Directory.GetFiles(_store["lost"]))));
        Assert.Equal(CommitResult.Committed, store.Commit(Creation(1, 1)));
        Assert.Equal([FirstLine, "create 1"], Lines(store));
    }

    [Fact]
    public void Torn_bytes_of_several_crashes_are_all_kept()
    {
        Create(_store.Root).Dispose();
        foreach (string torn in new[] { "first", "second", "third" })
        {
            File.AppendAllText(_store.Journal, torn);
            Reopen(_store.Root).Dispose();
        }

        Assert.Equal(["first", "second", "third"], Directory.GetFiles(_store["lost"]).Order().Select(File.ReadAllText));
    }

    [Fact]
    public void A_missing_line_feed_is_completed()
    {
        Create(_store.Root).Dispose();
        File.AppendAllText(_store.Journal, "create 1");
        using FileStore store = FileStore.Open(_store.Root, Existing);
        store.UseGeneration(1);
        Assert.Equal("create 1"u8.ToArray(), store.ReadLine(2));

        store.Settle(new JournalSettlement(2, "open\ncreate 1\n".Length, "open\n".Length, [], []));

        Assert.Equal("open\ncreate 1\n", File.ReadAllText(_store.Journal));
        Assert.Equal("create 1"u8.ToArray(), store.ReadLine(2));
        Assert.Equal(CommitResult.Committed, store.Commit(new StoreCommit(2, [], [Line("line 3")], [])));
    }

    [Theory]
    [InlineData(1, 4, 0)]
    [InlineData(1, 7, 0)]
    [InlineData(1, 5, 5)]
    [InlineData(1, 5, -1)]
    [InlineData(0, 5, 0)]
    public void A_settlement_that_does_not_fit_changes_nothing(long head, long validLength, long lastGroup)
    {
        Create(_store.Root).Dispose();
        using FileStore store = FileStore.Open(_store.Root, Existing);
        store.UseGeneration(1);

        Assert.Throws<ArgumentException>(() => store.Settle(new JournalSettlement(head, validLength, lastGroup, [], [])));

        Assert.Equal("open\n", File.ReadAllText(_store.Journal));
        store.Settle(new JournalSettlement(1, 5, 0, [], []));
    }

    [Fact]
    public void Orphans_and_leftovers_are_moved_aside()
    {
        using (FileStore store = Create(_store.Root)) store.Commit(Creation(1, 1));
        string keys = _store["g1", "keys"];
        _store.MakeDirectories("g1/keys/02");
        _store.WritePrivate("g1/keys/02/02000002-0001-0002-0304-05060708090a.v1.ronk", "orphan");
        _store.WritePrivate("g1/keys/01/01000001-0001-0002-0304-05060708090a.v2.ronk.tmp", "half a record");
        _store.WritePrivate("g1/keys/01/notes.txt", "foreign");
        _store.WritePrivate("g1/keys/stray", "stray");
        _store.WritePrivate("store.json.tmp", "half a description");
        _store.MakeDirectories("archive");
        _store.MakeDirectories("g2");

        using FileStore reopened = Reopen(_store.Root);

        AssertConsistent(reopened, _store.Root);
        Assert.Equal(
            ["foreign", "half a description", "half a record", "orphan", "stray"],
            Directory.GetFiles(_store["lost"]).Select(File.ReadAllText).Order());
        Assert.True(Directory.Exists(_store["archive"]));

        // A generation that store.json does not name yet was never finished.
        Assert.False(Directory.Exists(_store["g2"]));
        Assert.Empty(Directory.GetFiles(keys));
    }

    [Fact]
    public void A_later_generation_goes_on_counting()
    {
        Create(_store.Root).Dispose();
        Directory.Move(_store["g1"], _store["g3"]);
        using FileStore store = FileStore.Open(_store.Root, Existing);
        store.UseGeneration(3);
        Assert.Equal("open\n"u8.ToArray(), store.ReadJournal(0).Bytes.ToArray());
        Assert.Throws<InvalidOperationException>(() => store.ReadLine(1));

        store.Settle(new JournalSettlement(70, 5, 0, [], []));

        Assert.Equal(CommitResult.Conflict, store.Commit(Creation(1, 1)));
        Assert.Equal(CommitResult.Committed, store.Commit(Creation(70, 1)));
        Assert.Equal("open"u8.ToArray(), store.ReadLine(70));
        Assert.Equal("create 1"u8.ToArray(), store.ReadLine(71));
        Assert.Equal(new JournalTail(0, default).AfterSeq, store.ReadJournal(5).AfterSeq);
        Assert.Equal("create 1\n"u8.ToArray(), store.ReadJournal(70).Bytes.ToArray());
        Assert.True(Directory.Exists(_store["g3", "keys", "01"]));
    }
}

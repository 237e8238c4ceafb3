using System.Runtime.Versioning;
using RonKms.Storage;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Storage;

/// <summary>Where a store is made, and where none is.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileStoreCreationTests : IDisposable
{
    private readonly StoreDirectory _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_missing_directory_is_not_made_unasked()
    {
        KmsException refusal = Assert.Throws<KmsException>(() => FileStore.Open(_store.Root, Existing));

        Assert.Equal(KmsError.StoreNotFound, refusal.Error);
        Assert.Contains(_store.Root, refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_store.Root));
    }

    [Fact]
    public void An_empty_directory_is_left_empty_unasked()
    {
        KmsException refusal = Assert.Throws<KmsException>(() => FileStore.Open(_store.Parent, Existing));

        Assert.Equal(KmsError.StoreNotFound, refusal.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_store.Parent));
    }

    [Fact]
    public void A_store_is_made_in_an_empty_directory()
    {
        using FileStore store = Create(_store.Parent);

        Assert.Equal([FirstLine], Lines(store));
    }

    [Fact]
    public void A_directory_whose_parent_is_missing_is_not_made()
    {
        KmsException refusal = Assert.Throws<KmsException>(() => FileStore.Open(_store.Outside("missing", "store"), Creating));

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Contains(_store.Outside("missing"), refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_store.Parent));
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("g2/journal.jsonl")]
    [InlineData("g1/notes.txt")]
    [InlineData("g1/keys/01/01000001-0001-0002-0304-05060708090a.v1.ronk")]
    public void No_store_is_made_among_other_files(string foreign)
    {
        _store.MakeDirectories(Path.GetDirectoryName(foreign)!);
        File.WriteAllText(Path.Combine(_store.Root, foreign), "mine");

        KmsException refusal = Assert.Throws<KmsException>(() => FileStore.Open(_store.Root, Creating));

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Contains(_store.Root, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_store.Root, foreign)));
        Assert.False(File.Exists(_store["lock"]));
    }

    [Fact]
    public void A_store_that_lost_its_description_is_not_overwritten()
    {
        using (FileStore store = Create(_store.Root)) store.Commit(new StoreCommit(1, [], [Line("annex")], []));
        File.Delete(_store["store.json"]);

        KmsException refusal = Assert.Throws<KmsException>(() => FileStore.Open(_store.Root, Creating));

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Equal("open\nannex\n", File.ReadAllText(_store.Journal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("op")]
    [InlineData("open\n")]
    public void The_remains_of_a_creation_that_was_cut_short_are_replaced(string journal)
    {
        _store.MakeDirectories("g1/keys");
        _store.WritePrivate("g1/journal.jsonl", journal);
        _store.WritePrivate("store.json.tmp", "{");
        _store.WritePrivate("lock", string.Empty);

        using (FileStore store = Create(_store.Root)) store.Commit(Creation(1, 1));

        using FileStore reopened = Reopen(_store.Root);
        Assert.Equal([FirstLine, "create 1"], Lines(reopened));
        AssertConsistent(reopened, _store.Root);
    }

    [Fact]
    public void A_file_where_the_directory_should_be_is_refused()
    {
        File.WriteAllText(_store.Root, "file");

        KmsException refusal = Assert.Throws<KmsException>(() => FileStore.Open(_store.Root, Creating));

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Contains("directory is expected", refusal.Message, StringComparison.Ordinal);
    }
}

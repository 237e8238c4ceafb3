using RonKms.Storage;
using RonKms.Testing;

namespace RonKms.Tests.Storage;

public sealed class FileStoreTests : SealedStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    public override void Dispose()
    {
        base.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void It_says_where_it_is()
    {
        using FileStore store = FileStore.Open(_directory["other"] + "/", new FileStoreOptions { Create = true });

        Assert.Equal("file:" + _directory["other"], store.Location);
        Assert.False(store.IsVolatile);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_earlier_generation_is_kept_aside_or_its_journal_archived(bool keepRecords)
    {
        using FileStore store = FileStores.Create(_directory["other"]);
        store.Commit(FileStores.Creation(1, 1, 2, 3));
        byte[] journal = File.ReadAllBytes(_directory["other", "g1", "journal.jsonl"]);
        string carried = RecordName(1);
        string damaged = RecordName(2);
        using (IGenerationBuilder builder = store.BuildGeneration(2))
        {
            builder.Append(FileStores.Line("second"));
            builder.AddRecord(new SealedRecord(FileStores.Key(1), 1, FileStores.Record(1)));
            builder.Commit(FileStores.Description, 5);
        }

        // Of the second the new one has nothing; the third is destroyed.
        store.RemoveEarlierGenerations(keepRecords, [(FileStores.Key(3), 1)]);

        Assert.Equal(["g2", "lock", "lost", "store.json"], Directory.GetFileSystemEntries(_directory["other"]).Select(Path.GetFileName).Except(["archive"]).Order());
        Assert.Equal(journal, File.ReadAllBytes(keepRecords ? _directory["other", "lost", "g1", "journal.jsonl"] : _directory["other", "archive", "g1.jsonl"]));
        string[] kept = [.. Directory.GetFiles(_directory["other", "lost"], "*.ronk", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)).Order()];
        Assert.Equal(keepRecords ? [carried, damaged, RecordName(3)] : ["g1-" + damaged], kept);
        Assert.Equal([(FileStores.Key(1), 1u)], store.ListRecords());

        static string RecordName(int n) => $"{FileStores.Key(n):D}.v1.ronk";
    }

    protected override ISealedStore MakeEmpty() => FileStore.Open(_directory["store"], new FileStoreOptions { Create = true });
}

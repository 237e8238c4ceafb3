using RonKms.Storage;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Storage;

/// <summary>The order of writes and flushes, which no test without a power cut can tell from a wrong one.</summary>
public sealed class FileStoreOrderTests : IDisposable
{
    private const string Name = "01000001-0001-0002-0304-05060708090a.v1";
    private readonly TemporaryDirectory _directory = new();
    private readonly RecordedFiles _files;

    public FileStoreOrderTests() => _files = new RecordedFiles(_directory["store"]);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_creation_ends_with_the_description()
    {
        using FileStore store = FileStore.Open(_directory["store"], Creating, _files);
        store.Create(Description, Line(FirstLine));

        Assert.Equal(
            [
                "mkdir .", "sync directory ..",
                "create lock", "write lock",
                "sync directory ..",
                "mkdir g1", "sync directory .",
                "mkdir g1/keys", "sync directory g1",
                "create g1/journal.jsonl", "write g1/journal.jsonl", "sync g1/journal.jsonl", "sync directory g1",
                "create store.json.tmp", "write store.json.tmp", "sync store.json.tmp", "rename store.json.tmp", "sync directory .",
            ],
            _files.Log);
    }

    [Fact]
    public void A_record_is_durable_before_its_line_is_written()
    {
        using FileStore store = Prepare();

        store.Commit(Creation(1, 1));

        Assert.Equal(
            [
                "mkdir g1/keys/01", "sync directory g1/keys",
                $"create g1/keys/01/{Name}.ronk.tmp", $"write g1/keys/01/{Name}.ronk.tmp", $"sync g1/keys/01/{Name}.ronk.tmp",
                $"rename g1/keys/01/{Name}.ronk.tmp", "sync directory g1/keys/01",
                "write g1/journal.jsonl", "sync data g1/journal.jsonl",
            ],
            _files.Log);
    }

    [Fact]
    public void A_line_is_durable_before_a_record_goes_and_the_header_is_before_both()
    {
        using FileStore store = Prepare();
        store.Commit(Creation(1, 1));
        _files.Log.Clear();

        store.Commit(Destruction(2, 1));

        Assert.Equal(
            [
                "write g1/journal.jsonl", "sync data g1/journal.jsonl",
                $"create g1/keys/01/{Name}.pub.tmp", $"write g1/keys/01/{Name}.pub.tmp", $"sync g1/keys/01/{Name}.pub.tmp",
                $"rename g1/keys/01/{Name}.pub.tmp", "sync directory g1/keys/01",
                $"write g1/keys/01/{Name}.ronk", $"sync g1/keys/01/{Name}.ronk", $"unlink g1/keys/01/{Name}.ronk", "sync directory g1/keys/01",
            ],
            _files.Log);
    }

    [Fact]
    public void Torn_bytes_are_durable_elsewhere_before_they_are_cut_off()
    {
        Create(_directory["store"]).Dispose();
        File.AppendAllText(_directory["store", "g1", "journal.jsonl"], "torn");
        using FileStore store = FileStore.Open(_directory["store"], Existing, _files);
        store.UseGeneration(1);
        _files.Log.Clear();

        store.Settle(Settlement(store));

        Assert.Equal(
            [
                "sync directory .",
                "mkdir lost", "sync directory .",
                "create lost/g1-journal.jsonl.torn.tmp", "write lost/g1-journal.jsonl.torn.tmp", "sync lost/g1-journal.jsonl.torn.tmp",
                "rename lost/g1-journal.jsonl.torn.tmp", "sync directory lost",
                "truncate g1/journal.jsonl", "write g1/journal.jsonl", "sync g1/journal.jsonl",
                "sync directory g1/keys", "sync directory g1",
            ],
            _files.Log);
    }

    [Fact]
    public void Lines_that_come_together_are_written_together()
    {
        using FileStore store = Prepare();

        store.Commit(new StoreCommit(1, [], [Line("line 2"), Line("line 3"), Line("line 4")], []));

        Assert.Equal(["write g1/journal.jsonl", "sync data g1/journal.jsonl"], _files.Log);
    }

    private FileStore Prepare()
    {
        FileStore store = FileStore.Open(_directory["store"], Creating, _files);
        store.Create(Description, Line(FirstLine));
        _files.Log.Clear();
        return store;
    }
}

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

    [Fact]
    public void A_generation_is_durable_before_the_description_names_it()
    {
        using FileStore store = Prepare();
        using IGenerationBuilder builder = store.BuildGeneration(2);

        builder.Append(Line("line 10"));
        builder.AddRecord(new SealedRecord(Key(1), 1, Record(1)));
        builder.Commit(Description, 10);

        Assert.Equal(
            [
                "mkdir g2", "sync directory .", "mkdir g2/keys", "sync directory g2",
                "create g2/journal.jsonl", "write g2/journal.jsonl",
                "mkdir g2/keys/01", "sync directory g2/keys",
                $"create g2/keys/01/{Name}.ronk", $"write g2/keys/01/{Name}.ronk", $"sync g2/keys/01/{Name}.ronk",
                "sync g2/journal.jsonl", "sync directory g2/keys/01", "sync directory g2/keys", "sync directory g2", "sync directory .", "sync directory ..",
                "create store.json.tmp", "write store.json.tmp", "sync store.json.tmp", "rename store.json.tmp", "sync directory .",
            ],
            _files.Log);
    }

    [Fact]
    public void An_earlier_journal_is_durable_in_the_archive_before_its_records_are_erased()
    {
        using FileStore store = Prepare();
        store.Commit(Creation(1, 1));
        using (IGenerationBuilder builder = store.BuildGeneration(2))
        {
            builder.Append(Line("line 10"));
            builder.AddRecord(new SealedRecord(Key(1), 1, Record(1)));
            builder.Commit(Description, 10);
        }

        _files.Log.Clear();

        store.RemoveEarlierGenerations(keepRecords: false, []);

        Assert.Equal(
            [
                "mkdir archive", "sync directory .", "rename g1/journal.jsonl", "sync directory archive", "sync directory g1",
                $"write g1/keys/01/{Name}.ronk", $"sync g1/keys/01/{Name}.ronk", $"unlink g1/keys/01/{Name}.ronk",
                "rmdir g1/keys/01", "rmdir g1/keys", "rmdir g1", "sync directory .",
            ],
            _files.Log);
    }

    [Fact]
    public void What_is_moved_aside_has_its_new_name_before_the_old_one_is_gone()
    {
        using (FileStore store = Prepare()) store.Commit(Creation(1, 1));
        File.WriteAllText(_directory["store", "g1", "keys", "01", "notes.txt"], "foreign");
        using FileStore reopened = FileStore.Open(_directory["store"], Existing, _files);
        reopened.UseGeneration(1);
        JournalSettlement settlement = Settlement(reopened);
        _files.Log.Clear();

        reopened.Settle(settlement);

        Assert.Equal(
            [
                "sync directory .", "write g1/journal.jsonl", "sync g1/journal.jsonl", "sync directory g1/keys", "sync directory g1",
                "mkdir lost", "sync directory .", "rename g1/keys/01/notes.txt", "sync directory lost", "sync directory g1/keys/01",
            ],
            _files.Log);
    }

    [Fact]
    public void A_next_description_is_durable_before_it_is_installed_or_gone()
    {
        using FileStore store = Prepare();

        store.WriteNextDescription(Description);
        store.InstallNextDescription();
        store.WriteNextDescription(Description);
        store.DropNextDescription();

        string[] written =
            ["create store.json.next.tmp", "write store.json.next.tmp", "sync store.json.next.tmp", "rename store.json.next.tmp", "sync directory ."];
        Assert.Equal([.. written, "rename store.json.next", "sync directory .", .. written, "unlink store.json.next", "sync directory ."], _files.Log);
    }

    [Fact]
    public void A_backup_has_its_name_once_its_content_is_durable()
    {
        BackupFile.Create(_files, _directory["backup"], stream => stream.Write("content"u8));

        // The renaming, noted once it is done, is a link to a free name and the end of the other one.
        Assert.Equal(
            ["create", "write", "sync", "unlink", "rename", "sync directory"],
            _files.Log.Select(line => line[..line.IndexOf(" ..", StringComparison.Ordinal)]));
        Assert.Equal("content", File.ReadAllText(_directory["backup"]));
    }

    private FileStore Prepare()
    {
        FileStore store = FileStore.Open(_directory["store"], Creating, _files);
        store.Create(Description, Line(FirstLine));
        _files.Log.Clear();
        return store;
    }
}

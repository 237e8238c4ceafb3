using System.Diagnostics;
using System.Runtime.Versioning;
using RonKms.Storage;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Storage;

/// <summary>A link, or a thing that is no file, in every place where a store has a file or a directory.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileStoreLinkTests : IDisposable
{
    private const string RecordPath = "g1/keys/01/01000001-0001-0002-0304-05060708090a.v1.ronk";
    private const string RemainsPath = "g1/keys/02/02000002-0001-0002-0304-05060708090a.v1.pub";
    private readonly TemporaryDirectory _directory = new();

    public FileStoreLinkTests()
    {
        using FileStore store = Create(Root);
        store.Commit(Creation(1, 1, 2));
        store.Commit(Destruction(3, 2));
    }

    private string Root => _directory["store"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(".")]
    [InlineData("lock")]
    [InlineData("store.json")]
    [InlineData("g1")]
    [InlineData("g1/journal.jsonl")]
    [InlineData("g1/keys")]
    [InlineData("g1/keys/01")]
    [InlineData(RecordPath)]
    [InlineData(RemainsPath)]
    public void A_link_is_not_followed(string name)
    {
        string path = Path.GetFullPath(Path.Combine(Root, name));
        Directory.Move(path, _directory["elsewhere"]);
        File.CreateSymbolicLink(path, _directory["elsewhere"]);

        AssertLink(Assert.Throws<KmsException>(ReadEverything), path);
    }

    [Fact]
    public void A_link_with_a_slash_behind_it_is_not_followed_either()
    {
        Directory.Move(Root, _directory["elsewhere"]);
        File.CreateSymbolicLink(Root, _directory["elsewhere"]);

        AssertLink(Assert.Throws<KmsException>(() => FileStore.Open(Root + "/", Existing)), Root);
    }

    [Theory]
    [InlineData("store.json")]
    [InlineData("g1/journal.jsonl")]
    [InlineData("lock")]
    [InlineData(RecordPath)]
    public void A_pipe_is_refused_and_nobody_waits_for_it(string name)
    {
        string path = Path.Combine(Root, name);
        File.Delete(path);
        using (Process process = Process.Start("mkfifo", ["-m", "600", path])) process.WaitForExit();

        KmsException refusal = Assert.Throws<KmsException>(ReadEverything);

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Contains($"{path} is not a regular file", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_is_not_written_through_a_link()
    {
        using FileStore store = Reopen(Root);
        File.CreateSymbolicLink(Path.Combine(Root, "g1/keys/01/01000001-0001-0002-0304-05060708090a.v2.ronk.tmp"), _directory["victim"]);

        KmsException refusal = Assert.Throws<KmsException>(
            () => store.Commit(new StoreCommit(4, [new SealedRecord(Key(1), 2, Record(1))], [Line("rotate 1")], [])));

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.False(File.Exists(_directory["victim"]));
    }

    [Fact]
    public void A_link_in_place_of_a_record_is_not_replaced()
    {
        using FileStore store = Reopen(Root);
        string path = Path.Combine(Root, "g1/keys/01/01000001-0001-0002-0304-05060708090a.v2.ronk");
        File.CreateSymbolicLink(path, _directory["nowhere"]);

        Assert.Throws<KmsException>(() => store.Commit(new StoreCommit(4, [new SealedRecord(Key(1), 2, Record(1))], [Line("rotate 1")], [])));

        Assert.NotNull(new FileInfo(path).LinkTarget);
        Assert.Equal(4, Lines(store).Length);
    }

    [Fact]
    public void Nothing_is_moved_aside_through_a_link()
    {
        Directory.CreateDirectory(_directory["elsewhere"]);
        File.CreateSymbolicLink(Path.Combine(Root, "lost"), _directory["elsewhere"]);
        File.AppendAllText(Path.Combine(Root, "g1/journal.jsonl"), "torn");

        AssertLink(Assert.Throws<KmsException>(() => Reopen(Root)), Path.Combine(Root, "lost"));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory["elsewhere"]));
        Assert.EndsWith("torn", File.ReadAllText(Path.Combine(Root, "g1/journal.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stray_link_is_moved_aside_itself()
    {
        File.WriteAllText(_directory["victim"], "mine");
        File.CreateSymbolicLink(Path.Combine(Root, "g1/keys/stray"), _directory["victim"]);

        Reopen(Root).Dispose();

        Assert.Equal(_directory["victim"], new FileInfo(Path.Combine(Root, "lost/g1-stray")).LinkTarget);
        Assert.Equal("mine", File.ReadAllText(_directory["victim"]));
    }

    private static void AssertLink(KmsException refusal, string path)
    {
        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Contains($"{path} is a symbolic link", refusal.Message, StringComparison.Ordinal);
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

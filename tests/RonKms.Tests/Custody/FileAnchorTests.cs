using System.Runtime.Versioning;
using System.Text;
using RonKms.Custody;
using RonKms.Testing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Custody;

[UnsupportedOSPlatform("windows")]
public sealed class FileAnchorTests : RollbackAnchorContract, IDisposable
{
    private const string Canonical =
        """{"format":"ronk-anchor/1","head":"H","mac":"M","seq":5,"store_id":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}""";

    private static readonly AnchorHead s_head = new(new Guid("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"), 5, new string('1', 64), new string('2', 64));

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();

    /// <summary>What lies in place of an anchor and is none.</summary>
    public static TheoryData<string> NoAnchors =>
    [
        "",
        "{}",
        "null",
        "[]",
        Text + "\n",
        Text[..^1],
        Text.Replace("anchor/1", "anchor/2", StringComparison.Ordinal),
        Text.Replace("\"seq\":5", "\"seq\":5.0", StringComparison.Ordinal),
        Text.Replace("\"seq\":5", "\"seq\":\"5\"", StringComparison.Ordinal),
        Text.Replace("\"seq\":5,", "", StringComparison.Ordinal),
        Text.Replace("\"seq\":5", "\"extra\":1,\"seq\":5", StringComparison.Ordinal),
        Text.Replace("\"seq\":5", "\"seq\":5,\"seq\":5", StringComparison.Ordinal),
        Text.Replace("0a1b", "0A1B", StringComparison.Ordinal),
        Text.Replace("\"seq\"", " \"seq\"", StringComparison.Ordinal),
        Text.Replace("\"mac\":\"2", "\"mac\":\"\\ud800", StringComparison.Ordinal),
        Text + new string(' ', 4096),
    ];

    private static string Text => Canonical.Replace("H", s_head.Head, StringComparison.Ordinal).Replace("M", s_head.Mac, StringComparison.Ordinal);

    private string Place => _directory["anchors"];

    private string File => Path.Combine(Place, "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_file_holds_the_formats_canonical_text_and_nothing_else()
    {
        Open().TryAdvance(null, s_head);

        Assert.Equal(Text, System.IO.File.ReadAllText(File));
        Assert.Equal(["0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.json", "lock"], Directory.EnumerateFiles(Place).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Directory_and_files_are_private()
    {
        Open().TryAdvance(null, s_head);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, System.IO.File.GetUnixFileMode(Place));
        Assert.All(Directory.EnumerateFiles(Place), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Nothing_is_made_by_naming_and_reading_it()
    {
        Assert.Null(Open().Read(s_head.StoreId));
        Assert.False(Directory.Exists(Place));
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("file")]
    public void What_is_missing_under_a_writer_is_told_of_and_not_made_again(string missing)
    {
        using Keystore keys = Keystore.OpenOrCreate(
            "file:" + _directory["store"], RonKms.Sealing.KeyEncryptionKey.FromBytes(new byte[32]), new() { Anchor = new FileAnchor(Place) });
        keys.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        Directory.Move(Place, _directory["elsewhere"]);
        if (missing == "file")
        {
            // The mount point itself.
            Directory.CreateDirectory(Place);
            System.IO.File.SetUnixFileMode(Place, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        KmsException refusal = Assert.Throws<KmsException>(() => keys.Create("acme", "q", KeyAlgorithm.Aes256Gcm));

        Assert.Equal(KmsError.Rollback, refusal.Error);
        Assert.Contains("is missing", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("is mounted", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("somebody else", refusal.Message, StringComparison.Ordinal);
        Assert.True(missing == "directory" ? !Directory.Exists(Place) : !Directory.EnumerateFileSystemEntries(Place).Any());
    }

    [Fact]
    public void A_directory_that_was_there_is_not_made_again_for_another_store()
    {
        IRollbackAnchor anchor = Open();
        anchor.TryAdvance(null, s_head);
        Directory.Move(Place, _directory["elsewhere"]);

        KmsException refusal = Assert.Throws<KmsException>(() => anchor.TryAdvance(null, s_head with { StoreId = Guid.NewGuid() }));

        Assert.Equal(KmsError.Rollback, refusal.Error);
        Assert.Contains("is missing", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Place));
    }

    [Fact]
    public void The_directory_above_must_be_there()
    {
        FileAnchor anchor = new(_directory["none", "anchors"]);

        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => anchor.TryAdvance(null, s_head)).Error);
        Assert.False(Directory.Exists(_directory["none"]));
    }

    [Fact]
    public void It_is_replaced_whole_and_in_an_order_that_survives_a_power_cut()
    {
        RecordedFiles files = new(Place);
        FileAnchor anchor = new(Place, files);
        anchor.TryAdvance(null, s_head);
        files.Log.Clear();

        anchor.TryAdvance(s_head, s_head with { Seq = 6 });

        string name = Path.GetFileName(File);
        Assert.Equal(
            [$"create {name}.tmp", $"write {name}.tmp", $"sync {name}.tmp", $"rename {name}.tmp", "sync directory ."],
            files.Log.Where(entry => entry != "write lock"));
    }

    [Fact]
    public void What_a_crash_left_of_a_replacement_is_in_nobodys_way()
    {
        Open().TryAdvance(null, s_head);
        StoreImage.Write(File + ".tmp", "half"u8);

        Assert.True(Open().TryAdvance(s_head, s_head with { Seq = 6 }));

        Assert.Equal(6, Open().Read(s_head.StoreId)!.Seq);
        Assert.False(System.IO.File.Exists(File + ".tmp"));
    }

    [Theory]
    [MemberData(nameof(NoAnchors))]
    public void What_is_not_exactly_an_anchor_is_a_rollback(string text)
    {
        Open().TryAdvance(null, s_head);
        StoreImage.Write(File, Encoding.UTF8.GetBytes(text));

        KmsException refusal = Assert.Throws<KmsException>(() => Open().Read(s_head.StoreId));

        Assert.Equal(KmsError.Rollback, refusal.Error);
        Assert.Contains(File, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(KmsError.Rollback, Assert.Throws<KmsException>(() => Open().TryAdvance(null, s_head)).Error);
        Assert.Equal(text, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void What_others_could_change_is_refused()
    {
        Open().TryAdvance(null, s_head);
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Equal(KmsError.PermissionsTooWide, Assert.Throws<KmsException>(() => Open().Read(s_head.StoreId)).Error);

        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        System.IO.File.SetUnixFileMode(Place, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        Assert.Equal(KmsError.PermissionsTooWide, Assert.Throws<KmsException>(() => Open().Read(s_head.StoreId)).Error);
        Assert.Equal(KmsError.PermissionsTooWide, Assert.Throws<KmsException>(() => Open().TryAdvance(s_head, s_head)).Error);
    }

    [Fact]
    public void A_directory_open_to_others_is_named_as_the_anchors_and_only_its_own_mode_is_to_change()
    {
        Directory.CreateDirectory(Place);
        System.IO.File.SetUnixFileMode(Place, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);

        foreach (Action use in new Action[] { () => Open().Read(s_head.StoreId), () => Open().TryAdvance(null, s_head) })
        {
            string message = Assert.Throws<KmsException>(use).Message;
            Assert.StartsWith($"The rollback anchor's directory {Place} has mode 701", message, StringComparison.Ordinal);
            Assert.Contains($"chmod 700 '{Place}'", message, StringComparison.Ordinal);
            Assert.DoesNotContain("find ", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_directory_is_a_path_and_not_a_setting()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new FileAnchor("file:anch"));

        Assert.Contains("without file:, anch instead", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_are_not_followed()
    {
        Open().TryAdvance(null, s_head);
        System.IO.File.Move(File, _directory["elsewhere"]);
        System.IO.File.CreateSymbolicLink(File, _directory["elsewhere"]);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => Open().Read(s_head.StoreId)).Error);

        Directory.Move(Place, _directory["moved"]);
        Directory.CreateSymbolicLink(Place, _directory["moved"]);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => Open().Read(s_head.StoreId)).Error);
    }

    protected override IRollbackAnchor Open() => new FileAnchor(Place);
}

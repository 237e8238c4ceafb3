using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using System.Text.RegularExpressions;
using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Tests.Storage;
using Kind = RonKms.StoreFindingKind;

namespace RonKms.Tests.Maintenance;

/// <summary>Every kind of damage: the right finding, with the key-encryption key and without, and nothing changed.</summary>
public sealed partial class StoreDamageTests : IDisposable
{
    private readonly CheckedStore _store = new();

    /// <summary>What is done, and the findings with the key and without.</summary>
    private static readonly Dictionary<string, (Action<CheckedStore> Do, Kind? With, Kind? Without, bool IsDamage)> s_damages = new()
    {
        ["a record's body"] = (store => Flip(store.RecordOf(store.Signing), ^20), Kind.RecordDamaged, Kind.RecordDamaged, true),
        ["a record's header"] = (store => Flip(store.RecordOf(store.Signing), 50), Kind.RecordDamaged, Kind.RecordDamaged, true),
        ["a record's magic"] = (store => Flip(store.RecordOf(store.Signing), 0), Kind.RecordDamaged, Kind.RecordDamaged, true),
        ["a record deleted"] = (store => File.Delete(store.RecordOf(store.Signing)), Kind.RecordDamaged, Kind.RecordDamaged, true),
        ["a record cut"] = (store => Cut(store.RecordOf(store.Signing)), Kind.RecordDamaged, Kind.RecordDamaged, true),
        ["a record that goes on"] = (store => Extend(store.RecordOf(store.Signing), "x"), Kind.RecordDamaged, Kind.RecordDamaged, true),
        ["a record without end"] = (store => Extend(store.RecordOf(store.Signing), new string('x', 2_000_000)), Kind.RecordDamaged, Kind.RecordDamaged, true),
        ["another version's record"] = (store => StoreImage.CopyFile(store.RecordOf(store.Wrapping), store.RecordOf(store.Rotated)), Kind.RecordDamaged, Kind.RecordDamaged, true),
        ["what is left of a version"] = (store => Flip(store.RemainsOf(store.Destroyed), 50), Kind.RemainsDamaged, Kind.RemainsDamaged, true),
        ["what is left, cut"] = (store => Cut(store.RemainsOf(store.Destroyed)), Kind.RemainsDamaged, Kind.RemainsDamaged, true),
        ["what is left, going on"] = (store => Extend(store.RemainsOf(store.Destroyed), "x"), Kind.RemainsDamaged, Kind.RemainsDamaged, true),
        ["what is left, another's"] = (store => StoreImage.CopyFile(store.RemainsOf(store.DestroyedLater), store.RemainsOf(store.Destroyed)), Kind.RemainsDamaged, Kind.RemainsDamaged, true),
        ["what is left, deleted"] = (store => File.Delete(store.RemainsOf(store.Destroyed)), Kind.RemainsDamaged, Kind.RemainsDamaged, false),
        ["a destroyed version's record is back"] = (
            store => StoreImage.CopyFile(store.RecordOf(store.Signing), store.RecordOf(store.Destroyed)), Kind.RecordNotErased, Kind.RecordNotErased, false),
        ["a record that no line names"] = (
            store => StoreImage.CopyFile(store.RecordOf(store.Signing), store.RecordOf(KeyId.Parse(store.Signing.ToString().Replace("#v1", "#v9", StringComparison.Ordinal)))),
            Kind.Orphan,
            Kind.Orphan,
            false),
        ["remains of a live version"] = (store => StoreImage.CopyFile(store.RemainsOf(store.Destroyed), store.RemainsOf(store.Signing)), Kind.Orphan, Kind.Orphan, false),
        ["a foreign file among the records"] = (store => StoreImage.Write(store.RecordOf(store.Signing) + ".bak", "x"u8), Kind.ForeignFile, Kind.ForeignFile, false),
        ["a foreign file"] = (store => StoreImage.Write(store["notes\ndamage"], "x"u8), Kind.ForeignFile, Kind.ForeignFile, false),
        ["a foreign file beside the journal"] = (store => StoreImage.Write(store["g3", "journal.bak"], "x"u8), Kind.ForeignFile, Kind.ForeignFile, false),
        ["an unfinished file"] = (store => StoreImage.Write(store.RecordOf(store.Signing) + ".tmp", "x"u8), Kind.Leftover, Kind.Leftover, false),
        ["an unfinished description"] = (store => StoreImage.Write(store["store.json.tmp"], "x"u8), Kind.Leftover, Kind.Leftover, false),
        ["something in lost/"] = (store => { StoreImage.MakePrivate(store["lost"]); StoreImage.Write(store["lost", "x"], "x"u8); }, Kind.Leftover, Kind.Leftover, false),
        ["an earlier generation"] = (store => StoreImage.MakePrivate(store["g2"]), Kind.Leftover, Kind.Leftover, false),
        ["a half-made generation"] = (store => StoreImage.MakePrivate(store["g4"]), Kind.Leftover, Kind.Leftover, false),
        ["a change of the key-encryption key cut short"] = (store => StoreImage.CopyFile(store["store.json"], store["store.json.next"]), Kind.Leftover, Kind.Leftover, false),
        ["a damaged change of the key-encryption key"] = (
            store => { StoreImage.CopyFile(store["store.json"], store["store.json.next"]); Flip(store["store.json.next"], 50); }, Kind.DescriptionDamaged, Kind.DescriptionDamaged, true),
        ["the journal's first line"] = (store => FlipIn(store.Journal, line: 0), Kind.JournalDamaged, Kind.JournalDamaged, true),
        ["the journal's third line"] = (store => FlipIn(store.Journal, line: 2), Kind.JournalDamaged, Kind.JournalDamaged, true),
        ["the journal's last line"] = (store => FlipIn(store.Journal, line: -1), Kind.JournalDamaged, Kind.JournalDamaged, true),
        ["two lines swapped"] = (store => Lines(store.Journal, lines => (lines[3], lines[4]) = (lines[4], lines[3])), Kind.JournalDamaged, Kind.JournalDamaged, true),
        ["a line taken out"] = (store => Lines(store.Journal, lines => lines.RemoveAt(3)), Kind.JournalDamaged, Kind.JournalDamaged, true),
        ["a line twice"] = (store => Lines(store.Journal, lines => lines.Insert(3, lines[3])), Kind.JournalDamaged, Kind.JournalDamaged, true),
        ["text after the journal"] = (store => Extend(store.Journal, "{}\n"), Kind.JournalDamaged, Kind.JournalDamaged, true),
        ["a journal that is cut between lines"] = (store => Lines(store.Journal, lines => lines.RemoveAt(lines.Count - 1)), Kind.Rollback, Kind.Rollback, true),
        ["a journal that ends torn"] = (store => Extend(store.Journal, "{\"alg\":"), Kind.TornEnd, Kind.TornEnd, false),
        ["a journal without its last line feed"] = (store => Cut(store.Journal), Kind.TornEnd, Kind.TornEnd, false),
        ["an empty journal"] = (store => StoreImage.Write(store.Journal, []), Kind.JournalDamaged, Kind.JournalDamaged, true),
        ["no journal"] = (store => File.Delete(store.Journal), Kind.JournalDamaged, Kind.JournalDamaged, true),
        ["an earlier generation's journal"] = (store => StoreImage.CopyFile(store["archive", "g2.jsonl"], store.Journal), Kind.Rollback, Kind.Rollback, true),
        ["no generation"] = (store => Directory.Delete(store["g3"], recursive: true), Kind.JournalDamaged, Kind.JournalDamaged, true),
        ["store.json"] = (store => Flip(store["store.json"], 60), Kind.DescriptionDamaged, Kind.DescriptionDamaged, true),
        ["store.json's MAC"] = (store => Flip(store["store.json"], "\"mac\":\""), Kind.DescriptionDamaged, Kind.Rollback, true),
        ["no store.json"] = (store => File.Delete(store["store.json"]), Kind.DescriptionDamaged, Kind.DescriptionDamaged, true),
        ["store.json of a newer format"] = (
            store => StoreImage.Write(store["store.json"], "{\"format\":\"ronk-store/2\"}"u8), Kind.NewerFormat, Kind.NewerFormat, true),
        ["an archived journal deleted"] = (store => File.Delete(store["archive", "g1.jsonl"]), Kind.ArchiveDamaged, Kind.ArchiveDamaged, true),
        ["no archive"] = (store => Directory.Delete(store["archive"], recursive: true), Kind.ArchiveDamaged, Kind.ArchiveDamaged, true),
        ["a line of an archived journal"] = (store => FlipIn(store["archive", "g2.jsonl"], line: 2), Kind.ArchiveDamaged, Kind.ArchiveDamaged, true),
        ["an archived journal's last line"] = (store => FlipIn(store["archive", "g1.jsonl"], line: -1), Kind.ArchiveDamaged, Kind.ArchiveDamaged, true),
        ["an archived journal cut"] = (store => Lines(store["archive", "g1.jsonl"], lines => lines.RemoveAt(lines.Count - 1)), Kind.ArchiveDamaged, Kind.ArchiveDamaged, true),
        ["an archived journal torn"] = (store => Extend(store["archive", "g1.jsonl"], "{"), Kind.ArchiveDamaged, Kind.ArchiveDamaged, true),
        ["a foreign archive"] = (store => StoreImage.CopyFile(store["archive", "g1.jsonl"], store["archive", "g7.jsonl"]), Kind.ForeignFile, Kind.ForeignFile, false),
        ["the anchor"] = (store => Flip(Directory.EnumerateFiles(store.Anchor!.Directory, "*.json").Single(), "\"head\":\""), Kind.Rollback, Kind.Rollback, true),
        ["no anchor"] = (store => File.Delete(Directory.EnumerateFiles(store.Anchor!.Directory, "*.json").Single()), Kind.Rollback, Kind.Rollback, true),
    };

    public static TheoryData<string> Damages => [.. s_damages.Keys];

    public static TheoryData<string> OnUnix => ["a record", "store.json", "the journal", "an archived journal", "the lock", "keys", "a directory of records", "archive", "the root"];

    public void Dispose() => _store.Dispose();

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damage_is_found(string what)
    {
        (Action<CheckedStore> damage, Kind? with, Kind? without, bool isDamage) = s_damages[what];
        damage(_store);

        Find(with, isDamage, _store.Check);
        Find(without, isDamage, _store.CheckWithoutKek);
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [MemberData(nameof(OnUnix))]
    public void What_is_open_to_others_is_found_and_read_all_the_same(string what)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are Unix's");
        string path = PathOf(what);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.GroupRead);

        Find(Kind.PermissionsTooWide, isDamage: true, _store.Check);
        Assert.All(_store.Check().Findings, finding => Assert.Equal(Kind.PermissionsTooWide, finding.Kind));
        Assert.Single(_store.Check().Findings);
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [MemberData(nameof(OnUnix))]
    public void So_is_what_belongs_to_somebody_else(string what)
    {
        Assert.SkipWhen(!ChildProcess.IsRoot, "only root gives files away");
        using (Process chown = Process.Start("chown", ["1234", PathOf(what)])) chown.WaitForExit();

        Find(Kind.PermissionsTooWide, isDamage: true, _store.Check);
        Assert.Contains("1234", Assert.Single(_store.Check().Findings).Found, StringComparison.Ordinal);
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [InlineData("a record", Kind.RecordDamaged)]
    [InlineData("store.json", Kind.DescriptionDamaged)]
    [InlineData("the journal", Kind.JournalDamaged)]
    [InlineData("an archived journal", Kind.ArchiveDamaged)]
    [InlineData("the lock", Kind.Unreadable)]
    [InlineData("keys", Kind.Unreadable)]
    [InlineData("a directory of records", Kind.Unreadable)]
    public void Links_are_found_and_not_followed(string what, Kind kind)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links are Unix's");
        string path = PathOf(what);
        string elsewhere = _store.Outside("elsewhere");
        if (Directory.Exists(path))
        {
            Directory.Move(path, elsewhere);
            Directory.CreateSymbolicLink(path, elsewhere);
        }
        else
        {
            File.Move(path, elsewhere);
            File.CreateSymbolicLink(path, elsewhere);
        }

        Find(kind, isDamage: true, _store.Check);
        Find(kind, isDamage: true, _store.CheckWithoutKek);
    }

    [Fact]
    public void Another_key_encryption_key_is_found_and_the_rest_checked_without()
    {
        List<string> before = _store.Snapshot();
        StoreReport report = StoreChecker.Check(_store.Place, KeyEncryptionKey.Ephemeral(), _store.Options, null, TestContext.Current.CancellationToken);

        Assert.Equal(Kind.WrongKek, Assert.Single(report.Findings).Kind);
        Assert.False(report.IsSound || report.IsAuthenticated);
        Assert.Equal(4, report.Records);
        Assert.Equal(before, _store.Snapshot());
    }

    [Fact]
    public void An_older_directory_is_found_by_its_anchor_alone()
    {
        string older = StoreImage.Copy(_store.Root, _store.Outside("older"));
        using (Keystore keys = _store.Open())
        {
            keys.Destroy(_store.Signing);
        }

        Directory.Delete(_store.Root, recursive: true);
        Directory.Move(older, _store.Root);

        Find(Kind.Rollback, isDamage: true, _store.Check);
        Find(Kind.Rollback, isDamage: true, _store.CheckWithoutKek);
        Assert.True(StoreChecker.Check(_store.Place, _store.Kek(), null, null, TestContext.Current.CancellationToken).IsSound);
    }

    [Fact]
    public void A_chain_that_somebody_without_the_key_made_agrees_with_itself_and_is_found_with_the_key()
    {
        using CheckedStore store = new(isAnchored: false);
        string[] lines = File.ReadAllLines(store.Journal);

        // What was disabled is enabled: the line is put out of the way, and all that follow are chained anew.
        int disabled = Array.FindIndex(lines, line => line.Contains("\"op\":\"disable\"", StringComparison.Ordinal));
        lines[disabled] = lines[disabled].Replace("\"op\":\"disable\"", "\"op\":\"enable\"", StringComparison.Ordinal);
        for (int i = disabled + 1; i < lines.Length; i++)
        {
            lines[i] = Prev().Replace(lines[i], $"\"prev\":\"{Digest.Of(Encoding.UTF8.GetBytes(lines[i - 1]))}\"");
        }

        StoreImage.Write(store.Journal, Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));

        StoreReport unauthenticated = store.CheckWithoutKek();
        Assert.True(unauthenticated.IsSound, unauthenticated.ToString());
        Assert.False(unauthenticated.IsAuthenticated);
        StoreFinding finding = Assert.Single(store.Check().Findings, finding => finding.IsDamage);
        Assert.Equal(Kind.JournalDamaged, finding.Kind);
        Assert.Contains("wrong MAC", finding.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rest_of_a_damaged_journal_is_described_and_what_it_may_name_is_counted()
    {
        FlipIn(_store.Journal, line: 2);

        IReadOnlyList<StoreFinding> findings = _store.Check().Findings;
        Assert.Equal([Kind.JournalDamaged, Kind.Orphan], findings.Select(finding => finding.Kind));
        StoreFinding finding = findings[0];

        int lines = File.ReadAllLines(_store.Journal).Length;
        Assert.Contains($"there are {lines - 2} lines, {lines - 3} of them whole by themselves", finding.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_damages_are_several_lines()
    {
        Flip(_store.RecordOf(_store.Signing), 50);
        File.Delete(_store.RecordOf(_store.Rotated));
        File.Delete(_store["archive", "g1.jsonl"]);

        string[] lines = _store.Check().ToString().Split('\n');

        Assert.Equal(4, lines.Length);
        Assert.StartsWith("damage ArchiveDamaged archive/g1.jsonl: ", lines[0].Replace('\\', '/'), StringComparison.Ordinal);
        Assert.StartsWith($"damage RecordDamaged {_store.Signing} g3/keys/", lines[1].Replace('\\', '/'), StringComparison.Ordinal);
        Assert.StartsWith($"damage RecordDamaged {_store.Rotated} g3/keys/", lines[2].Replace('\\', '/'), StringComparison.Ordinal);
        Assert.StartsWith("not sound: file:", lines[3], StringComparison.Ordinal);
        Assert.Contains(", damage 3, notices 0; ", lines[3], StringComparison.Ordinal);
    }

    [GeneratedRegex("\"prev\":\"[0-9a-f]{64}\"")]
    private static partial Regex Prev();

    private static void Flip(string path, Index at)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        StoreImage.Write(path, bytes);
    }

    /// <summary>Changes the first hex digit of a member to another one.</summary>
    private static void Flip(string path, string member)
    {
        string text = File.ReadAllText(path);
        int at = text.IndexOf(member, StringComparison.Ordinal) + member.Length;
        StoreImage.Write(path, Encoding.UTF8.GetBytes(text[..at] + (text[at] == '0' ? '1' : '0') + text[(at + 1)..]));
    }

    /// <summary>Makes a line what no line is, by one bit.</summary>
    private static void FlipIn(string path, int line) => Lines(path, lines =>
    {
        int at = line < 0 ? lines.Count + line : line;
        lines[at] = lines[at].Replace("\"seq\":", "\"seq\";", StringComparison.Ordinal);
    });

    private static void Lines(string path, Action<List<string>> change)
    {
        List<string> lines = [.. File.ReadAllLines(path)];
        change(lines);
        StoreImage.Write(path, Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
    }

    private static void Cut(string path) => StoreImage.Write(path, File.ReadAllBytes(path).AsSpan()[..^1]);

    private static void Extend(string path, string text) => StoreImage.Write(path, [.. File.ReadAllBytes(path), .. Encoding.UTF8.GetBytes(text)]);

    private void Find(Kind? kind, bool isDamage, Func<StoreReport> check)
    {
        List<string> before = _store.Snapshot();
        StoreReport report = check();
        Assert.True(report.Findings.Any(finding => finding.Kind == kind && finding.IsDamage == isDamage), report.ToString());
        Assert.Equal(!isDamage, report.IsSound);
        Assert.All(report.Findings, finding => Assert.DoesNotContain('\n', finding.ToString()));
        Assert.Equal(before, _store.Snapshot());
    }

    private string PathOf(string what) => what switch
    {
        "a record" => _store.RecordOf(_store.Signing),
        "store.json" => _store["store.json"],
        "the journal" => _store.Journal,
        "an archived journal" => _store["archive", "g1.jsonl"],
        "the lock" => _store["lock"],
        "keys" => _store["g3", "keys"],
        "a directory of records" => Path.GetDirectoryName(_store.RecordOf(_store.Signing))!,
        "archive" => _store["archive"],
        "the root" => _store.Root,
        _ => throw new ArgumentOutOfRangeException(nameof(what)),
    };
}

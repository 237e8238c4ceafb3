using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Custody;

public sealed class JournalVectorTests
{
    [Fact]
    public void Journals_open_as_the_vectors_say()
    {
        JsonElement vectors = OwnVectors.Read("journals.json");
        vectors.Each("cases", 153, test => Check(vectors, test));
    }

    [Fact]
    public void Subkeys_are_those_of_the_vectors() => OwnVectors.Read("journals.json").Each("subkeys", 6, test =>
    {
        using StoreKey storeKey = test.StoreKey();
        byte[] expected = HMACSHA256.HashData(test.Hex("key"), "message"u8);
        byte[] mac = new byte[32];
        switch (test.Text("name"))
        {
            case "store": storeKey.MacDescription("message"u8, mac); break;
            case "journal": storeKey.MacJournalLine("message"u8, mac); break;
            case "anchor": storeKey.MacAnchor("message"u8, mac); break;
            default: Assert.Fail("There are three."); break;
        }

        Assert.Equal(expected, mac);
    });

    /// <summary>The anchor that the vectors have at the head of a journal is the one that is written for it.</summary>
    [Fact]
    public void Anchors_are_written_as_the_vectors_have_them()
    {
        int seen = 0;
        JsonElement vectors = OwnVectors.Read("journals.json");
        foreach (JsonElement test in vectors.GetProperty("cases").EnumerateArray())
        {
            if (test.Text("expect") != "ok" || test.GetProperty("anchor").GetString() is not { } text
                || AnchorJson.Read(Encoding.UTF8.GetBytes(text))!.Seq != test.Long("head_seq"))
            {
                continue;
            }

            using TextAnchor anchor = new(text);
            using StoreKey storeKey = vectors.StoreKey();
            using ImageStore store = Store(test);
            _ = Open(store, storeKey, test, new StoreAnchor(anchor, storeKey, store.Location), _ => { });
            Assert.Equal(text, anchor.Text);
            seen++;
        }

        Assert.True(seen >= 3, $"{seen} cases");
    }

    private static void Check(JsonElement vectors, JsonElement test)
    {
        using StoreKey storeKey = vectors.StoreKey();
        using TextAnchor? anchor = test.GetProperty("anchor").GetString() is { } text ? new TextAnchor(text) : null;
        using ImageStore store = Store(test);
        StoreOpeningReport report = default;
        JournalReplay Opened() => Open(store, storeKey, test, anchor is null ? null : new StoreAnchor(anchor, storeKey, store.Location), r => report = r);
        string expected = test.Text("expect");
        if (expected != "ok")
        {
            Assert.Equal(expected, Assert.Throws<KmsException>(Opened).Error.ToString());
            Assert.Null(store.Settlement);
            Assert.Equal(test.GetProperty("anchor").GetString(), anchor?.Text);
            return;
        }

        JournalReplay replay = Opened();
        if (anchor is not null)
        {
            AnchorHead head = AnchorJson.Read(Encoding.UTF8.GetBytes(anchor.Text))!;
            Assert.Equal((replay.Head.Seq, replay.Head.Digest.ToString()), (head.Seq, head.Head));
        }

        Assert.Equal(test.Long("head_seq"), replay.Head.Seq);
        Assert.Equal(test.Text("head"), replay.Head.Digest.ToString());
        Assert.Equal(test.Long("time_ms"), replay.Head.TimeMs);
        Assert.Equal(test.Number("torn_bytes"), report.TornBytes);
        Assert.Equal(test.GetProperty("completed").GetBoolean(), replay.ValidLength > Store(test).Journal.Length);
        Assert.Equal(test.Long("journal_length"), replay.ValidLength);
        Assert.Equal(test.Text("journal_sha256"), Digest.Of(store.Journal).ToString());
        Assert.Equal(test.Long("first_seq"), replay.Head.Seq - store.Journal.Count(b => b == (byte)'\n') + 1);
        Assert.Equal(test.Text("anchor_kind"), replay.Directory.Anchor);
        Assert.Equal(replay.Head.Seq, store.Settlement!.HeadSeq);
        Assert.Equal(LastGroup(store.Journal), store.Settlement.LastGroupOffset);
        CheckVersions(test.GetProperty("versions"), replay.Directory);
        OpensAgain(store, storeKey, test, anchor, replay);
    }

    private static ImageStore Store(JsonElement test) => new()
    {
        Journal = test.TryGetProperty("journal_hex", out JsonElement hex) ? Convert.FromHexString(hex.GetString()!) : Encoding.UTF8.GetBytes(test.Text("journal")),
    };

    private static JournalReplay Open(ImageStore store, StoreKey storeKey, JsonElement test, StoreAnchor? anchor, Action<StoreOpeningReport> log)
    {
        Assert.True(Digest.TryParse(Encoding.ASCII.GetBytes(test.Text("store_sha256")), out Digest description));
        return StoreOpening.Replay(store, storeKey, test.Long("gen"), description, log, anchor);
    }

    private static void CheckVersions(JsonElement versions, KeyDirectory directory)
    {
        int count = 0;
        foreach (JsonProperty expected in versions.EnumerateObject())
        {
            KeyId id = KeyId.Parse(expected.Name);
            KeyEntry entry = directory.Find(id.Uuid)!;
            KeyVersion version = entry.Find(id.Version)!;
            Assert.Equal(id, version.Id);
            Assert.Equal(expected.Value.Text("state"), version.State.ToString().ToLowerInvariant());
            Assert.Equal(expected.Value.GetProperty("latest").GetBoolean(), ReferenceEquals(entry.Latest, version));
            Assert.Equal(expected.Value.Long("not_after_ms"), version.NotAfterMs);
            Assert.Equal(
                expected.Value.GetProperty("labels").EnumerateObject().Select(label => (label.Name, label.Value.GetString())).OrderBy(label => label.Name, StringComparer.Ordinal),
                version.Labels.Select(label => (label.Key, (string?)label.Value)));
            Assert.Equal(expected.Value.GetProperty("public").GetString(), version.PublicKeyDigest?.ToString());
            if (version.State != KeyState.Destroyed || expected.Value.GetProperty("record").GetString() is not null)
            {
                Assert.Equal(expected.Value.GetProperty("record").GetString(), version.RecordDigest?.ToString());
            }

            count++;
        }

        Assert.Equal(count, directory.Keys.Sum(key => key.Versions.Length));
    }

    /// <summary>Where the lines begin that have the last line's base, worked out apart.</summary>
    private static long LastGroup(byte[] journal)
    {
        string[] lines = Encoding.UTF8.GetString(journal)[..^1].Split('\n');
        long[] bases = [.. lines.Select(line => JsonDocument.Parse(line).RootElement.Long("base"))];
        return lines.TakeWhile((_, i) => bases[i] != bases[^1]).Sum(line => Encoding.UTF8.GetByteCount(line) + 1);
    }

    private static void OpensAgain(ImageStore settled, StoreKey storeKey, JsonElement test, TextAnchor? anchor, JournalReplay first)
    {
        using ImageStore store = settled.Copy();
        JournalReplay again = Open(
            store,
            storeKey,
            test,
            anchor is null ? null : new StoreAnchor(anchor, storeKey, store.Location),
            _ => Assert.Fail("A settled store was in disorder."));
        Assert.Equal(first.Head, again.Head);
        Assert.Equal(settled.Journal, store.Journal);
    }

    /// <summary>A file anchor that holds a vector's text.</summary>
    private sealed class TextAnchor : IRollbackAnchor, IDisposable
    {
        private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
        private readonly FileAnchor _anchor;
        private readonly string _file;

        internal TextAnchor(string text)
        {
            _anchor = new FileAnchor(_directory.Path);
            _file = _directory[OwnVectors.Read("journals.json").Text("store_id") + ".json"];
            StoreImage.Write(_file, Encoding.UTF8.GetBytes(text));
        }

        public string Kind => _anchor.Kind;

        internal string Text => File.ReadAllText(_file);

        public AnchorHead? Read(Guid store) => _anchor.Read(store);

        public bool TryAdvance(AnchorHead? expected, AnchorHead replacement) => _anchor.TryAdvance(expected, replacement);

        public void Dispose() => _directory.Dispose();
    }
}

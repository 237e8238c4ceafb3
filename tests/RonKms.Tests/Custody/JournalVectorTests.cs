using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms.Tests.Custody;

public sealed class JournalVectorTests
{
    private const string Anchored = "Rollback";

    /// <summary>Cases that are opened with an anchor file. Anchors are not implemented, so a journal that names one is refused as rolled back,
    /// whatever the anchor says; the case's own expectation is not tested. A case that leaves this list must pass.</summary>
    private static readonly string[] s_needAnchor =
    [
        "torn: anchor at the last whole line",
        "anchored",
        "anchored, anchor behind",
        "anchored, anchor at the first line",
        "anchored, torn tail, anchor above it",
        "anchor from now on",
        "generation 2, anchor in it",
        "generation 2, anchor still at from",
    ];

    [Fact]
    public void Journals_open_as_the_vectors_say()
    {
        JsonElement vectors = OwnVectors.Read("journals.json");
        List<string> left = [];
        vectors.Each("cases", 153, test =>
        {
            string expected = test.Text("expect");
            if (s_needAnchor.Contains(test.Text("name")))
            {
                Assert.Equal(JsonValueKind.String, test.GetProperty("anchor").ValueKind);
                Assert.NotEqual(Anchored, expected);
                left.Add(test.Text("name"));
                expected = Anchored;
            }

            Check(vectors, test, expected);
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{left.Count} cases need an anchor and were left out: {string.Join("; ", left)}");
        Assert.Equal(s_needAnchor, left);
    }

    /// <summary>Two keys a store; the third, the anchor's, is not there yet.</summary>
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
            default: Assert.Equal("anchor", test.Text("name")); return;
        }

        Assert.Equal(expected, mac);
    });

    private static void Check(JsonElement vectors, JsonElement test, string expected)
    {
        using StoreKey storeKey = vectors.StoreKey();
        byte[] journal = test.TryGetProperty("journal_hex", out JsonElement hex)
            ? Convert.FromHexString(hex.GetString()!)
            : Encoding.UTF8.GetBytes(test.Text("journal"));
        using ImageStore store = new() { Journal = journal };
        Assert.True(Digest.TryParse(Encoding.ASCII.GetBytes(test.Text("store_sha256")), out Digest description));
        StoreOpeningReport report = default;
        JournalReplay Open() => StoreOpening.Replay(store, storeKey, test.Long("gen"), description, r => report = r);

        if (expected != "ok")
        {
            Assert.Equal(expected, Assert.Throws<KmsException>(Open).Error.ToString());
            Assert.Null(store.Settlement);
            return;
        }

        JournalReplay replay = Open();
        Assert.Equal(test.Long("head_seq"), replay.Head.Seq);
        Assert.Equal(test.Text("head"), replay.Head.Digest.ToString());
        Assert.Equal(test.Long("time_ms"), replay.Head.TimeMs);
        Assert.Equal(test.Number("torn_bytes"), report.TornBytes);
        Assert.Equal(test.GetProperty("completed").GetBoolean(), replay.ValidLength > journal.Length);
        Assert.Equal(test.Long("journal_length"), replay.ValidLength);
        Assert.Equal(test.Text("journal_sha256"), Digest.Of(store.Journal).ToString());
        Assert.Equal(test.Long("first_seq"), replay.Head.Seq - store.Journal.Count(b => b == (byte)'\n') + 1);
        Assert.Equal(test.Text("anchor_kind"), replay.Directory.Anchor);
        Assert.Equal(replay.Head.Seq, store.Settlement!.HeadSeq);
        Assert.Equal(LastGroup(store.Journal), store.Settlement.LastGroupOffset);
        CheckVersions(test.GetProperty("versions"), replay.Directory);
        OpensAgain(store, storeKey, test.Long("gen"), description, replay);
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

    private static void OpensAgain(ImageStore settled, StoreKey storeKey, long generation, Digest description, JournalReplay first)
    {
        using ImageStore store = settled.Copy();
        JournalReplay again = StoreOpening.Replay(store, storeKey, generation, description, _ => Assert.Fail("A settled store was in disorder."));
        Assert.Equal(first.Head, again.Head);
        Assert.Equal(settled.Journal, store.Journal);
    }
}

using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Testing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Custody;

/// <summary>Stores with an anchor, on real files: put back, cut, copied; opened without it, with another one, with a lost one.</summary>
public sealed class RollbackTests : IDisposable
{
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly byte[] _kek = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private readonly string _root;
    private readonly string _anchors;
    private readonly KeyId _key;

    public RollbackTests()
    {
        _root = _directory["store"];
        _anchors = _directory["anchors"];
        using Keystore keys = Open(create: true);
        _key = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
    }

    private string Journal => Path.Combine(_root, "g1", "journal.jsonl");

    private string AnchorFile => Assert.Single(Directory.EnumerateFiles(_anchors, "*.json"));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_anchored_store_says_so_and_goes_on()
    {
        using (Keystore keys = Open())
        {
            Assert.Equal("anchored:file", keys.Assurance);
            Assert.Equal("anchored:file", keys.CheckHealth().Assurance);
            keys.Destroy(keys.Rotate(_key));
        }

        using Keystore again = Open();
        Assert.Equal(4, again.CheckHealth().HeadSeq);
        Assert.Equal((4, again.CheckHealth().Head), AnchorKnows());
        Assert.Contains("\"anchor\":\"file\"", File.ReadLines(Journal).First(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_acknowledged_change_is_in_the_anchor()
    {
        using Keystore keys = Open();
        Action[] changes =
        [
            () => keys.Create("acme", "p", KeyAlgorithm.Aes256Gcm),
            () => keys.Import("acme", "p", KeyAlgorithm.Aes256Gcm, new byte[32]),
            () => keys.Rotate(_key),
            () => keys.Disable(_key),
            () => keys.Enable(_key),
            () => keys.DestroyAllVersions(_key),
        ];

        Assert.All(changes, change =>
        {
            change();
            Assert.Equal((keys.CheckHealth().HeadSeq, keys.CheckHealth().Head), AnchorKnows());
        });
    }

    [Fact]
    public void A_directory_put_back_to_an_older_day_is_a_rollback()
    {
        string old = StoreImage.Copy(_root, _directory["old"]);
        using (Keystore keys = Open())
        {
            keys.Destroy(_key);
        }

        Directory.Delete(_root, recursive: true);
        StoreImage.Copy(old, _root);

        Refuses(Anchor(), "knows line 3, and the journal ends with line 2", "docs/runbooks/rollback.md");
    }

    [Fact]
    public void A_journal_cut_between_two_lines_is_a_rollback()
    {
        string[] lines = File.ReadAllLines(Journal);
        StoreImage.Write(Journal, System.Text.Encoding.UTF8.GetBytes(lines[0] + "\n"));

        Refuses(Anchor(), "knows line 2, and the journal ends with line 1");
    }

    [Fact]
    public void A_journal_cut_within_an_acknowledged_line_is_damage_and_not_a_torn_write()
    {
        byte[] journal = File.ReadAllBytes(Journal);
        StoreImage.Write(Journal, journal.AsSpan(0, journal.Length - 10));

        Refuses(Anchor(), KmsError.SealedCorrupt, "damaged after line 1");
    }

    [Fact]
    public void What_was_really_torn_is_still_moved_aside()
    {
        byte[] journal = File.ReadAllBytes(Journal);
        StoreImage.Write(Journal, [.. journal, .. "{\"ba"u8]);

        using (Keystore keys = Open())
        {
            Assert.Equal(2, keys.CheckHealth().HeadSeq);
        }

        Assert.Equal(journal, File.ReadAllBytes(Journal));
    }

    [Fact]
    public void Another_line_at_the_anchors_place_is_a_rollback()
    {
        string copy = StoreImage.Copy(_root, _directory["copy"]);
        string anchors = StoreImage.Copy(_anchors, _directory["other anchors"]);
        using (Keystore keys = Open())
        {
            keys.Rotate(_key);
        }

        using (Keystore fork = Keystore.Open("file:" + copy, Kek(), new() { Anchor = new FileAnchor(anchors) }))
        {
            fork.Destroy(_key);
            fork.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        }

        Directory.Delete(_root, recursive: true);
        StoreImage.Copy(copy, _root);
        Refuses(Anchor(), "knows line 3, and the journal's line 3 is another one, and its last is line 4");
    }

    [Fact]
    public void Without_its_anchor_it_does_not_open() => Refuses(null, "has an anchor (file), and none was given", "RON_KMS_ANCHOR");

    [Fact]
    public void With_an_anchor_of_another_kind_it_does_not_open() => Refuses(new MemoryAnchor(), "anchor of kind file, and one of kind memory was given");

    [Fact]
    public void With_its_anchor_lost_it_does_not_open()
    {
        File.Delete(AnchorFile);
        Refuses(Anchor(), "knows nothing of this store");
        Directory.Delete(_anchors, recursive: true);
        Refuses(Anchor(), "knows nothing of this store");
        Assert.False(Directory.Exists(_anchors));
    }

    [Theory]
    [InlineData("seq")]
    [InlineData("mac")]
    [InlineData("head")]
    [InlineData("store_id")]
    public void With_an_anchor_of_which_a_member_was_changed_it_does_not_open(string member)
    {
        AnchorHead head = AnchorJson.Read(File.ReadAllBytes(AnchorFile))!;
        AnchorHead changed = member switch
        {
            "seq" => head with { Seq = 1 },
            "mac" => head with { Mac = (head.Mac[0] == '0' ? '1' : '0') + head.Mac[1..] },
            "head" => head with { Head = (head.Head[0] == '0' ? '1' : '0') + head.Head[1..] },
            _ => head with { StoreId = Guid.NewGuid() },
        };
        StoreImage.Write(AnchorFile, AnchorJson.Write(changed));

        Refuses(Anchor(), "its MAC is wrong");
    }

    [Fact]
    public void With_another_stores_anchor_it_does_not_open()
    {
        using (Keystore.OpenOrCreate("file:" + _directory["other"], Kek(), new() { Anchor = new FileAnchor(_directory["others"]) }))
        {
        }

        StoreImage.CopyFile(Assert.Single(Directory.EnumerateFiles(_directory["others"], "*.json")), AnchorFile);
        Refuses(Anchor(), "its MAC is wrong");
    }

    [Fact]
    public void Lines_that_were_never_acknowledged_are_kept_and_the_anchor_is_brought_up()
    {
        byte[] behind = File.ReadAllBytes(AnchorFile);
        using (Keystore keys = Open())
        {
            keys.Rotate(_key);
            keys.Disable(_key);
        }

        StoreImage.Write(AnchorFile, behind);
        using Keystore again = Open();
        Assert.Equal(KeyState.Disabled, again.Get(_key).State);
        Assert.Equal((4, again.CheckHealth().Head), AnchorKnows());
    }

    [Fact]
    public void A_copied_live_store_is_a_fork_and_the_second_writer_is_stopped()
    {
        string copy = StoreImage.Copy(_root, _directory["copy"]);
        using Keystore first = Open();
        using (Keystore second = Keystore.Open("file:" + copy, Kek(), new() { Anchor = Anchor() }))
        {
            first.Create("acme", "p", KeyAlgorithm.Aes256Gcm);

            KmsException fork = Assert.Throws<KmsException>(() => second.Disable(_key));
            Assert.Equal(KmsError.Rollback, fork.Error);
            Assert.Contains("another copy", fork.Message, StringComparison.Ordinal);
            Assert.False(second.CheckHealth().IsWritable);
            Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => second.Create("acme", "p", KeyAlgorithm.Aes256Gcm)).Error);
            Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => second.Sign(_key, "m"u8)).Error);
        }

        Assert.Equal(
            KmsError.Rollback,
            Assert.Throws<KmsException>(() => Keystore.Open("file:" + copy, Kek(), new() { Anchor = Anchor() })).Error);
        first.Sign(_key, "m"u8);
        first.Rotate(_key);
    }

    [Fact]
    public void An_anchor_inside_the_store_is_refused_before_anything_is_made()
    {
        string place = "file:" + _directory["new"];
        foreach (string inside in new[] { _directory["new"], _directory["new", "anchors"], _directory["new", "g1", "..", "a"] })
        {
            ArgumentException refusal = Assert.Throws<ArgumentException>(() => Keystore.OpenOrCreate(place, Kek(), new() { Anchor = new FileAnchor(inside) }));
            Assert.Contains("inside the store", refusal.Message, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(_directory["new"]));
        using Keystore beside = Keystore.OpenOrCreate(place, Kek(), new() { Anchor = new FileAnchor(_directory["new anchors"]) });
        Assert.Equal("anchored:file", beside.Assurance);
    }

    [Fact]
    public void A_store_in_memory_has_no_anchor()
    {
        KeystoreOptions options = new() { Anchor = Anchor() };
        Assert.Throws<ArgumentException>(() => Keystore.InMemory(options));
        Assert.Throws<ArgumentException>(() => Keystore.OpenOrCreate("memory:", Kek(), options));
        using Keystore keys = Keystore.InMemory();
        Assert.Throws<ArgumentException>(() => keys.AttachAnchor(Anchor()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("a b")]
    public void An_anchor_whose_kind_is_no_name_is_refused(string kind) => Assert.Throws<ArgumentException>(
        () => Keystore.OpenOrCreate("file:" + _directory["new"], Kek(), new() { Anchor = new NamedAnchor(kind) }).Dispose());

    /// <summary>Cut short by a crash, there may be an anchor of a store that never was, but never an anchored store without its anchor.</summary>
    [Fact]
    public void The_anchor_of_a_new_store_is_there_before_the_store()
    {
        MemoryAnchor anchor = new() { AfterAdvance = () => throw new KmsException(KmsError.StoreFailed, "Crashed, for the test.") };
        string place = "file:" + _directory["new"];

        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => Keystore.OpenOrCreate(place, Kek(), new() { Anchor = anchor })).Error);
        Assert.False(File.Exists(_directory["new", "store.json"]));

        anchor.AfterAdvance = null;
        using Keystore keys = Keystore.OpenOrCreate(place, Kek(), new() { Anchor = anchor });
        Assert.Equal("anchored:memory", keys.Assurance);
    }

    private FileAnchor Anchor() => new(_anchors);

    private KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(_kek);

    private Keystore Open(bool create = false) => create
        ? Keystore.OpenOrCreate("file:" + _root, Kek(), new() { Anchor = Anchor() })
        : Keystore.Open("file:" + _root, Kek(), new() { Anchor = Anchor() });

    private (long Seq, string Head) AnchorKnows()
    {
        AnchorHead head = AnchorJson.Read(File.ReadAllBytes(AnchorFile))!;
        return (head.Seq, head.Head);
    }

    private void Refuses(IRollbackAnchor? anchor, params string[] says) => Refuses(anchor, KmsError.Rollback, says);

    /// <summary>Refused, and neither store nor anchor were touched.</summary>
    private void Refuses(IRollbackAnchor? anchor, KmsError error, params string[] says)
    {
        SortedDictionary<string, string> before = StoreImage.Digests(_directory.Path);

        KmsException refusal = Assert.Throws<KmsException>(() => Keystore.Open("file:" + _root, Kek(), new() { Anchor = anchor }));

        Assert.Equal(error, refusal.Error);
        Assert.All(says, text => Assert.Contains(text, refusal.Message, StringComparison.Ordinal));
        SortedDictionary<string, string> after = StoreImage.Digests(_directory.Path);
        Assert.Equal(Content(before), Content(after));
    }

    // The locks' content is who held them last.
    private static IEnumerable<KeyValuePair<string, string>> Content(SortedDictionary<string, string> digests) =>
        digests.Where(file => !file.Key.EndsWith("lock", StringComparison.Ordinal));

    private sealed class NamedAnchor(string kind) : IRollbackAnchor
    {
        public string Kind => kind;

        public AnchorHead? Read(Guid store) => null;

        public bool TryAdvance(AnchorHead? expected, AnchorHead replacement) => true;
    }
}

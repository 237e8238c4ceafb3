using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Testing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Custody;

/// <summary>A store that had no anchor gets one, and loses it again: only by calls that say so.</summary>
public sealed class AttachedAnchorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly byte[] _kek = new byte[32];
    private readonly MemoryAnchor _anchor = new();
    private readonly string _place;
    private readonly KeyId _key;

    public AttachedAnchorTests()
    {
        _place = "file:" + _directory["store"];
        using Keystore keys = Keystore.OpenOrCreate(_place, Kek());
        _key = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
    }

    private string[] Journal => File.ReadAllLines(_directory["store", "g1", "journal.jsonl"]);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_anchor_that_is_attached_is_needed_from_then_on()
    {
        using (Keystore keys = Open(null))
        {
            keys.AttachAnchor(_anchor);
            Assert.Equal("anchored:memory", keys.Assurance);
            Assert.Equal((3, keys.CheckHealth().Head), Known());
            keys.Rotate(_key);
            Assert.Equal((4, keys.CheckHealth().Head), Known());
        }

        Assert.Contains("\"anchor\":\"memory\"", Journal[2], StringComparison.Ordinal);
        Assert.Equal(KmsError.Rollback, Refusal(null).Error);
        using Keystore again = Open(_anchor);
        Assert.Equal("anchored:memory", again.Assurance);
    }

    [Fact]
    public void An_open_never_attaches_by_itself()
    {
        string[] before = Journal;

        KmsException refusal = Refusal(_anchor);

        Assert.Equal(KmsError.Rollback, refusal.Error);
        Assert.Contains("names no anchor", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("AttachAnchor", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Journal);
        using Keystore keys = Open(null);
        Assert.Equal("chain-only", keys.Assurance);
    }

    [Fact]
    public void A_copy_from_before_the_anchor_neither_opens_with_it_nor_gets_it_again()
    {
        string old = StoreImage.Copy(_directory["store"], _directory["old"]);
        using (Keystore keys = Open(null))
        {
            keys.AttachAnchor(_anchor);
        }

        Directory.Delete(_directory["store"], recursive: true);
        StoreImage.Copy(old, _directory["store"]);

        Assert.Contains("knows line 3, and the journal ends with line 2", Refusal(_anchor).Message, StringComparison.Ordinal);
        using Keystore copy = Open(null);
        KmsException refusal = Assert.Throws<KmsException>(() => copy.AttachAnchor(_anchor));
        Assert.Equal(KmsError.Rollback, refusal.Error);
        Assert.Contains("knows line 3, and the journal ends with line 2", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(2, copy.CheckHealth().HeadSeq);
        Assert.True(copy.CheckHealth().IsWritable);
    }

    [Fact]
    public void A_store_whose_anchor_was_detached_opens_without_it_alone()
    {
        using (Keystore keys = Open(null))
        {
            keys.AttachAnchor(_anchor);
            keys.DetachAnchor();
            Assert.Equal("chain-only", keys.Assurance);
            keys.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
            Assert.Equal(4, Known().Seq);
        }

        Assert.Contains("names no anchor", Refusal(_anchor).Message, StringComparison.Ordinal);
        using Keystore again = Open(null);
        Assert.Equal(5, again.CheckHealth().HeadSeq);
    }

    [Fact]
    public void A_copy_from_before_the_detaching_is_still_seen()
    {
        using (Keystore keys = Open(null))
        {
            keys.AttachAnchor(_anchor);
        }

        string old = StoreImage.Copy(_directory["store"], _directory["old"]);
        using (Keystore keys = Open(_anchor))
        {
            keys.DetachAnchor();
        }

        Directory.Delete(_directory["store"], recursive: true);
        StoreImage.Copy(old, _directory["store"]);
        Assert.Contains("knows line 4, and the journal ends with line 3", Refusal(_anchor).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_may_be_attached_again_where_the_journal_goes_on_from_what_it_knows()
    {
        using Keystore keys = Open(null);
        keys.AttachAnchor(_anchor);
        keys.DetachAnchor();
        keys.Rotate(_key);

        keys.AttachAnchor(_anchor);

        Assert.Equal("anchored:memory", keys.Assurance);
        Assert.Equal((6, keys.CheckHealth().Head), Known());
    }

    [Fact]
    public void Attaching_that_was_cut_short_leaves_a_store_that_opens_without_and_is_done_again()
    {
        _anchor.AfterAdvance = () => throw new KmsException(KmsError.StoreFailed, "Crashed, for the test.");
        using (Keystore keys = Open(null))
        {
            Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => keys.AttachAnchor(_anchor)).Error);
            Assert.Equal("chain-only", keys.Assurance);
            Assert.True(keys.CheckHealth().IsWritable);
        }

        _anchor.AfterAdvance = null;
        using Keystore again = Open(null);
        again.Rotate(_key);
        again.AttachAnchor(_anchor);
        Assert.Equal("anchored:memory", again.Assurance);
        again.Rotate(_key.Latest);
        Assert.Equal(5, Known().Seq);
    }

    [Fact]
    public void Detaching_that_fails_at_the_anchor_stops_the_writer_and_is_done_all_the_same()
    {
        using (Keystore keys = Open(null))
        {
            keys.AttachAnchor(_anchor);
            _anchor.BeforeAdvance = () => throw new KmsException(KmsError.StoreFailed, "Unplugged, for the test.");
            Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(keys.DetachAnchor).Error);
            Assert.False(keys.CheckHealth().IsWritable);
        }

        using Keystore again = Open(null);
        Assert.Equal("chain-only", again.Assurance);
    }

    [Fact]
    public void There_is_one_anchor_at_a_time()
    {
        using Keystore keys = Open(null);
        Assert.Throws<InvalidOperationException>(keys.DetachAnchor);
        keys.AttachAnchor(_anchor);

        Assert.Throws<InvalidOperationException>(() => keys.AttachAnchor(new MemoryAnchor()));
        keys.DetachAnchor();
        Assert.Throws<InvalidOperationException>(keys.DetachAnchor);
        Assert.Equal(4, keys.CheckHealth().HeadSeq);
    }

    [Fact]
    public void Only_the_keystore_itself_attaches_and_detaches()
    {
        using Keystore keys = Open(null);
        Keystore view = Assert.IsType<Keystore>(keys.ForCaller("someone"));

        Assert.Throws<InvalidOperationException>(() => view.AttachAnchor(_anchor));
        keys.AttachAnchor(_anchor);
        Assert.Throws<InvalidOperationException>(view.DetachAnchor);
        Assert.Throws<ArgumentNullException>(() => keys.AttachAnchor(null!));
        keys.Dispose();
        Assert.Throws<ObjectDisposedException>(keys.DetachAnchor);
    }

    [Fact]
    public void A_subscriber_cannot_attach_while_the_store_is_written()
    {
        using FileStore store = FileStore.Open(_directory["store"]);
        using Keystore keys = Keystore.Open(store, Kek());
        int refused = 0;
        using IDisposable subscription = store.OnAppended(_ =>
        {
            Assert.Throws<InvalidOperationException>(() => keys.AttachAnchor(_anchor));
            refused++;
        });

        keys.Rotate(_key);

        Assert.Equal(1, refused);
        Assert.Equal("chain-only", keys.Assurance);
    }

    private KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(_kek);

    private Keystore Open(IRollbackAnchor? anchor) => Keystore.Open(_place, Kek(), new() { Anchor = anchor });

    private KmsException Refusal(IRollbackAnchor? anchor) => Assert.Throws<KmsException>(() => Open(anchor));

    private (long Seq, string Head) Known()
    {
        Guid store = Guid.Parse(System.Text.Json.JsonDocument.Parse(Journal[0]).RootElement.GetProperty("store_id").GetString()!);
        AnchorHead head = _anchor.Read(store)!;
        return (head.Seq, head.Head);
    }
}

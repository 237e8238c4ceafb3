using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Tests.Keystores;

namespace RonKms.Tests.Custody;

/// <summary>What the reader would refuse is never written.</summary>
public sealed class CustodyJournalTests : IDisposable
{
    private static readonly KeyId s_first = Id(1, 1);
    private static readonly KeyId s_destroyed = Id(2, 1);

    private readonly SpyStore _store = new();
    private readonly StoreKey _storeKey;
    private readonly CustodyJournal _journal;

    public CustodyJournalTests()
    {
        using KeyEncryptionKey kek = KeyEncryptionKey.Ephemeral();
        _journal = StoreOpening.Open(_store, kek, create: true, anchor: null, TimeProvider.System, _ => { }, new SoftwareBackend(AlgorithmCatalog.Classical));
        _storeKey = _journal.StoreKey;
        Commit(Version(CustodyOp.Create, s_first), Version(CustodyOp.Create, s_destroyed));
        Commit(Change(CustodyOp.Destroy, s_destroyed));
        _store.Forget();
    }

    public static TheoryData<string> Unreadable => [.. s_unreadable.Keys];

    private static readonly Dictionary<string, CustodyEvent[]> s_unreadable = new()
    {
        ["a key that there is"] = [Version(CustodyOp.Create, s_first)],
        ["a key twice"] = [Version(CustodyOp.Create, Id(3, 1)), Version(CustodyOp.Import, Id(3, 2))],
        ["a version that there is"] = [Version(CustodyOp.Rotate, s_first)],
        ["versions in the wrong order"] = [Version(CustodyOp.Rotate, Id(1, 3)), Version(CustodyOp.Rotate, Id(1, 2))],
        ["a version of no key"] = [Version(CustodyOp.Rotate, Id(3, 1))],
        ["a change of no key"] = [Change(CustodyOp.Disable, Id(3, 1))],
        ["a change of no version"] = [Change(CustodyOp.Destroy, Id(1, 2))],
        ["a revival"] = [Change(CustodyOp.Enable, s_destroyed)],
        ["a revival in one go"] = [Change(CustodyOp.Destroy, s_first), Change(CustodyOp.Enable, s_first)],
        ["a second beginning"] = [new CustodyEvent { Op = CustodyOp.OpenStore, Store = default(Digest), StoreId = Guid.Empty, Anchor = "none" }],
        ["a state line of the first generation"] = [Version(CustodyOp.State, Id(3, 1)) with { State = KeyState.Enabled }],
        ["a label twice"] = [Version(CustodyOp.Create, Id(3, 1)) with { Labels = [new("a", "1"), new("a", "2")] }],
        ["labels out of order"] = [Version(CustodyOp.Create, Id(3, 1)) with { Labels = [new("b", "1"), new("a", "2")] }],
        ["too long a line"] = [new CustodyEvent { Op = CustodyOp.Annex, AnnexDigest = default(Digest), AnnexType = new string('x', 65536) }],
    };

    public void Dispose()
    {
        _journal.Close();
        _storeKey.Dispose();
        _store.Dispose();
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void A_line_that_could_not_be_read_back_is_not_written(string what)
    {
        long head = _journal.Head.Seq;

        Assert.Equal(KmsError.Internal, Assert.Throws<KmsException>(() => Commit(s_unreadable[what])).Error);

        Assert.Empty(_store.Calls);
        Assert.Equal(head, _journal.Head.Seq);
        Assert.True(_journal.IsWritable);
        Commit(Version(CustodyOp.Rotate, Id(1, 2)), Change(CustodyOp.Disable, s_first), Change(CustodyOp.Destroy, s_destroyed));
        Assert.Equal(KeyState.Disabled, _journal.Directory.Find(s_first.Uuid)!.Find(1)!.State);
    }

    [Fact]
    public void A_line_that_cannot_be_written_at_all_fails_its_caller_and_no_other()
    {
        CustodyEvent unwritable = new() { Op = CustodyOp.Annex, AnnexDigest = default(Digest), AnnexType = "\ud800" };

        Assert.ThrowsAny<ArgumentException>(() => Commit(unwritable));

        Assert.Empty(_store.Calls);
        Assert.True(_journal.IsWritable);
        Commit(Change(CustodyOp.Disable, s_first));
    }

    private static KeyId Id(int key, uint version) => new("acme", "p", KeyAlgorithm.Aes256Gcm, new Guid(key, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), version);

    private static CustodyEvent Version(CustodyOp op, KeyId key) => new() { Op = op, Key = key, Record = default(Digest) };

    private static CustodyEvent Change(CustodyOp op, KeyId key) => new() { Op = op, Key = key };

    private void Commit(params CustodyEvent[] events) => _journal.Commit(_ =>
    {
        CommitPlan plan = new();
        plan.Events.AddRange(events);
        return plan;
    });
}

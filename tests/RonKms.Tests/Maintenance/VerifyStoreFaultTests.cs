using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Tests.Custody;
using RonKms.Tests.Keystores;

namespace RonKms.Tests.Maintenance;

/// <summary>Checking the store of an open keystore whose store or anchor does not answer, or answers otherwise.</summary>
public sealed class VerifyStoreFaultTests : IDisposable
{
    private static readonly KmsException s_failure = new(KmsError.StoreFailed, "the disk is gone");

    private readonly SpyStore _store = new() { IsVolatile = false };
    private readonly SilentAnchor _anchor = new();
    private readonly Keystore _keys;

    public VerifyStoreFaultTests()
    {
        _keys = Keystore.OpenOrCreate(_store, KeyEncryptionKey.FromBytes(new byte[32]), new KeystoreOptions { Anchor = _anchor });
        _keys.Create("acme", "p", KeyAlgorithm.Ed25519);
    }

    public void Dispose() => _keys.Dispose();

    [Fact]
    public void What_cannot_be_read_is_told_and_the_rest_is_checked()
    {
        _store.OnReadDescription = _store.OnListRecords = _anchor.OnRead = () => throw s_failure;

        StoreReport report = Verify();

        Assert.Equal(3, report.Findings.Count);
        Assert.All(report.Findings, finding => Assert.Contains(s_failure.Message, finding.ToString(), StringComparison.Ordinal));
        Assert.Equal((1L, 1L), (report.KeyVersions, report.Records));
        _store.OnReadDescription = _store.OnListRecords = _anchor.OnRead = null;
        Assert.Empty(Verify().Findings);
    }

    [Fact]
    public void What_cannot_be_looked_at_again_is_damage()
    {
        _store.OnReadDescription = () => throw s_failure;
        _store.JournalAsRead = tail => tail.AfterSeq == 0 ? tail : throw new KmsException(KmsError.StoreFailed, "the journal is gone");

        StoreFinding found = Assert.Single(Verify().Findings);

        Assert.Equal((StoreFindingKind.JournalDamaged, true), (found.Kind, found.IsDamage));
        Assert.Contains("the journal is gone", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_that_became_shorter_is_damage()
    {
        _store.JournalAsRead = tail => tail.AfterSeq == 0 ? tail with { Bytes = tail.Bytes[..(tail.Bytes[..^1].Span.LastIndexOf((byte)'\n') + 1)] } : tail;

        StoreFinding found = Assert.Single(Verify().Findings);

        Assert.Equal((StoreFindingKind.JournalDamaged, true), (found.Kind, found.IsDamage));
        Assert.Contains("does not hold line 2", found.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("header", "header does not say")]
    [InlineData("seal", "does not open under the store's key")]
    [InlineData("bytes", "header does not say")]
    public void A_record_that_the_journal_names_and_that_is_not_the_versions_is_damage(string what, string says)
    {
        KeyId key = KeyId.Parse("acme/p/aes256gcm/00000000-0000-4000-8000-000000000001#v1");
        KeyId other = KeyId.Parse("acme/p/aes256gcm/00000000-0000-4000-8000-000000000002#v1");
        using CraftedStore store = new();
        byte[] record = store.Sealer.Seal(new RecordBody(what == "header" ? other : key, RecordKind.Secret, new byte[32]), default, 1_735_689_600_000, 0);
        if (what == "seal") record[^1] ^= 1;
        store.AddRecord(key, what == "bytes" ? "not a record"u8.ToArray() : record, null);
        using Keystore keys = store.Open();

        StoreFinding found = Assert.Single(keys.VerifyStore(null, TestContext.Current.CancellationToken).Findings);

        Assert.Equal((StoreFindingKind.RecordDamaged, true, key), (found.Kind, found.IsDamage, found.Key));
        Assert.Contains(says, found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_file_in_the_place_of_a_destroyed_versions_record_was_not_erased()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links are made by everybody elsewhere alone.");
        using CheckedStore store = new();
        using Keystore keys = store.Open();
        File.CreateSymbolicLink(store.RecordOf(store.DestroyedLater), store["store.json"]);

        StoreFinding found = Assert.Single(keys.VerifyStore(null, TestContext.Current.CancellationToken).Findings);

        Assert.Equal((StoreFindingKind.RecordNotErased, store.DestroyedLater), (found.Kind, found.Key));
    }

    [Fact]
    public void A_store_need_keep_nothing_but_what_is_live()
    {
        ISealedStore store = _store;

        Assert.Null(store.ReadEarlierJournal(1));
        Assert.Empty(store.ReadJournals());
        store.KeepDescriptions();
        Assert.NotNull(store.ReadDescription());
    }

    private StoreReport Verify() => _keys.VerifyStore(null, TestContext.Current.CancellationToken);

    private sealed class SilentAnchor : IRollbackAnchor
    {
        private readonly RonKms.Testing.MemoryAnchor _inner = new();

        public Action? OnRead { get; set; }

        public string Kind => _inner.Kind;

        public AnchorHead? Read(Guid store)
        {
            OnRead?.Invoke();
            return _inner.Read(store);
        }

        public bool TryAdvance(AnchorHead? expected, AnchorHead replacement) => _inner.TryAdvance(expected, replacement);
    }
}

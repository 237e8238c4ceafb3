using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Testing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Maintenance;

/// <summary>Changes of a store as a whole where an anchor follows its journal: what it vouches for goes on with the generations.</summary>
public sealed class AnchoredMaintenanceTests : IDisposable
{
    private static readonly byte[] s_kek = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] s_other = [.. Enumerable.Repeat((byte)2, 32)];

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly ManualTimeProvider _time = new();
    private readonly MemoryAnchor _memory = new();
    private Guid _storeId;

    /// <summary>Each change, with each kind of anchor.</summary>
    public static TheoryData<string, bool> Changes
    {
        get
        {
            TheoryData<string, bool> changes = [];
            foreach (string change in (string[])["reseal", "compact", "kek"])
            {
                changes.Add(change, true);
                changes.Add(change, false);
            }

            return changes;
        }
    }

    public static TheoryData<string> Kinds => ["reseal", "compact", "kek"];

    public static TheoryData<bool> AnchorKinds => [true, false];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Root => _directory["store"];

    private string Place => "file:" + Root;

    private string BackupPath => _directory["backup"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Changes))]
    public void The_anchor_goes_on_with_the_store_and_sees_the_old_one(string change, bool inFile)
    {
        IRollbackAnchor anchor = Anchor(inFile);
        KeyEvidence evidence = Create(anchor);
        string old = StoreImage.Copy(Root, _directory["old"]);
        using (Keystore keys = Open(anchor))
        {
            Apply(change, keys, s_other);
            RequireAnchorAtHead(anchor, keys);
            evidence.Check(keys);
        }

        byte[] kek = KekAfter(change);
        RequireAuthentic(anchor, kek);
        Assert.Equal(KmsError.Rollback, Error(() => Open(null, kek)));
        using (Keystore keys = Open(anchor, kek))
        {
            evidence.Check(keys);
            keys.Create("acme", "later", KeyAlgorithm.Ed25519);
            RequireAnchorAtHead(anchor, keys);
        }

        Open(anchor, kek).Dispose();
        PutBack(old);
        SortedDictionary<string, string> before = StoreImage.Digests(Root);
        AnchorHead? known = anchor.Read(_storeId);
        Assert.Equal(KmsError.Rollback, Error(() => Open(anchor)));
        Assert.Equal(before, StoreImage.Digests(Root));
        Assert.Equal(known, anchor.Read(_storeId));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Where_the_anchor_fails_at_the_change_nothing_is_lost_and_the_next_open_brings_it_up(string change)
    {
        foreach (bool isWritten in (bool[])[false, true])
        {
            using TemporaryDirectory directory = TemporaryDirectory.InMemory();
            string place = "file:" + directory["store"];
            MemoryAnchor anchor = new();
            KeyEvidence evidence;
            using (Keystore keys = Keystore.OpenOrCreate(place, KeyEncryptionKey.FromBytes(s_kek), Options(anchor)))
            {
                evidence = new KeyEvidence(keys, _time.GetUtcNow());
                Lengthen(keys, evidence);
                Arm(anchor, isWritten);
                Assert.Throws<IOException>(() => Apply(change, keys, s_other));
                Arm(anchor, isWritten: null);
                Assert.False(keys.CheckHealth().IsWritable);
                Assert.Equal(KmsError.StoreFailed, Error(() => keys.Create("acme", "refused", KeyAlgorithm.Ed25519)));
                Assert.Equal(KmsError.StoreFailed, Error(() => Apply("reseal", keys, s_other)));
                evidence.Check(keys);
            }

            // After a crash at a change of the key-encryption key either one opens; the journal tells of it, so that the open ends it.
            using (Keystore keys = Keystore.Open(place, KeyEncryptionKey.FromBytes(KekAfter(change)), Options(anchor)))
            {
                evidence.Check(keys);
                _storeId = StoreIdAt(directory["store"]);
                RequireAnchorAtHead(anchor, keys);
                keys.Rotate(evidence.Signing);
            }

            Keystore.Open(place, KeyEncryptionKey.FromBytes(KekAfter(change)), Options(anchor)).Dispose();
            string generation = Path.GetFileName(Assert.Single(Directory.GetDirectories(directory["store"], "g*")));
            Assert.Equal(change == "kek" ? "g1" : "g2", generation);
            Assert.False(File.Exists(directory["store", "store.json.next"]));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_the_anchor_failed_at_a_change_of_kek_the_old_one_opens_once_more_and_ends_it(bool isWritten)
    {
        KeyEvidence evidence = Create(_memory);
        using (Keystore keys = Open(_memory))
        {
            Arm(_memory, isWritten);
            Assert.Throws<IOException>(() => keys.ChangeKek(KeyEncryptionKey.FromBytes(s_other)));
            Arm(_memory, isWritten: null);
        }

        using (Keystore keys = Open(_memory)) evidence.Check(keys);
        Assert.Equal(KmsError.WrongKek, Error(() => Open(_memory)));
        Open(_memory, s_other).Dispose();
    }

    [Fact]
    public void A_resealed_store_cut_back_to_its_first_group_is_a_rollback()
    {
        KeyEvidence evidence = Create(_memory);
        string first;
        using (Keystore keys = Open(_memory)) keys.Reseal(KeyEncryptionKey.FromBytes(s_kek), cancellation: Cancel);
        first = StoreImage.Copy(Root, _directory["first"]);
        using (Keystore keys = Open(_memory)) keys.Destroy(evidence.Signing);
        PutBack(first);
        Assert.Equal(KmsError.Rollback, Error(() => Open(_memory)));
    }

    [Theory]
    [MemberData(nameof(AnchorKinds))]
    public async Task Keys_made_while_an_anchored_store_changes_are_there_afterwards(bool inFile)
    {
        IRollbackAnchor anchor = Anchor(inFile);
        KeyEvidence evidence = Create(anchor);
        List<KeyId>[] made = [.. Enumerable.Range(0, 32).Select(_ => new List<KeyId>())];
        using (Keystore keys = Open(anchor))
        {
            Task[] writers = [.. made.Select((mine, thread) => Task.Factory.StartNew(() =>
            {
                for (int i = 0; i < 6; i++)
                {
                    KeyId id = keys.Create("acme", $"made-{thread}-{i}", KeyAlgorithm.Aes256Gcm);
                    keys.Disable(id);
                    keys.Enable(id);
                    mine.Add(id);
                }
            }, Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            Task all = Task.WhenAll(writers);
            int changes = 0;
            do
            {
                keys.Reseal(KeyEncryptionKey.FromBytes(s_kek), cancellation: Cancel);
                changes++;
                if (keys.Compact(cancellation: Cancel)) changes++;
            }
            while (!all.IsCompleted);
            await all;
            Assert.InRange(changes, 1, int.MaxValue);
            Assert.True(keys.CheckHealth().IsWritable);
            RequireAnchorAtHead(anchor, keys);
        }

        RequireAuthentic(anchor, s_kek);
        using Keystore reopened = Open(anchor);
        evidence.Check(reopened, [.. made.SelectMany(mine => mine)]);
        foreach (KeyId id in made.SelectMany(mine => mine))
        {
            using SecretBytes plaintext = reopened.Unwrap(id, reopened.Wrap(id, "m"u8));
            Assert.Equal("m"u8.ToArray(), plaintext.Reveal().ToArray());
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void After_a_rollback_a_restore_in_place_goes_on_above_the_anchor_with_keys_disabled(bool inFile, bool isLost)
    {
        IRollbackAnchor anchor = Anchor(inFile);
        KeyEvidence evidence = Create(anchor);
        string old = StoreImage.Copy(Root, _directory["old"]);
        using (Keystore keys = Open(anchor))
        {
            for (int i = 0; i < 60; i++) keys.Create("acme", $"later-{i}", KeyAlgorithm.Ed25519);
            keys.Destroy(evidence.Signing);
        }

        long seq = anchor.Read(_storeId)!.Seq;
        PutBack(old);
        if (isLost) anchor = new FileAnchor(_directory["new-anchor"]);
        SortedDictionary<string, string> before = StoreImage.Digests(Root);
        Assert.Equal(KmsError.Rollback, Error(() => Open(anchor)));
        Assert.Equal(KmsError.Rollback, Error(() => Keystore.RestoreInPlace(Place, KeyEncryptionKey.FromBytes(s_kek), Options(null))));
        Assert.Equal(before, StoreImage.Digests(Root));
        using (Keystore keys = Keystore.RestoreInPlace(Place, KeyEncryptionKey.FromBytes(s_kek), Options(anchor)))
        {
            if (!isLost) Assert.True(keys.CheckHealth().HeadSeq > seq);
            RequireAnchorAtHead(anchor, keys);
            Assert.DoesNotContain(keys.List(new KeyFilter { AllVersions = true }), info => info.State == KeyState.Enabled);
        }

        RequireAuthentic(anchor, s_kek);
        using (Keystore keys = Open(anchor))
        {
            keys.Enable(evidence.Wrapping);
            Assert.Equal(evidence.Wrapping.Version + 1000, keys.Rotate(evidence.Wrapping).Version);
        }

        Open(anchor).Dispose();
        PutBack(old);
        Assert.Equal(KmsError.Rollback, Error(() => Open(anchor)));
    }

    [Theory]
    [MemberData(nameof(AnchorKinds))]
    public void A_backup_restored_over_a_live_anchored_store_goes_on_with_its_anchor(bool inFile)
    {
        IRollbackAnchor anchor = Anchor(inFile);
        KeyEvidence evidence = Create(anchor);
        long head;
        using (Keystore keys = Open(anchor))
        {
            keys.Backup(BackupPath);
            keys.Destroy(evidence.Wrapping);
            head = keys.CheckHealth().HeadSeq;
        }

        SortedDictionary<string, string> before = StoreImage.Digests(Root);
        Assert.Equal(KmsError.Rollback, Error(() => Restore(null)));
        Assert.Equal(before, StoreImage.Digests(Root));
        using (Keystore keys = Restore(anchor))
        {
            Assert.True(keys.CheckHealth().HeadSeq > head);
            RequireAnchorAtHead(anchor, keys);
            Assert.Equal(KeyState.Enabled, keys.Get(evidence.Signing).State);
            Assert.Equal(KeyState.Destroyed, keys.Get(evidence.Wrapping).State);
        }

        RequireAuthentic(anchor, s_kek);
        Open(anchor).Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_backup_restored_over_a_store_that_was_put_back_revives_no_destroyed_key(bool isLost)
    {
        IRollbackAnchor anchor = _memory;
        KeyEvidence evidence = Create(anchor);
        using (Keystore keys = Open(anchor)) keys.Backup(BackupPath);
        string old = StoreImage.Copy(Root, _directory["old"]);
        using (Keystore keys = Open(anchor))
        {
            keys.Rotate(evidence.Wrapping);
            keys.Destroy(evidence.Signing);
        }

        PutBack(old);
        if (isLost) anchor = new MemoryAnchor();
        using Keystore restored = Restore(anchor);
        Assert.DoesNotContain(restored.List(new KeyFilter { AllVersions = true }), info => info.State == KeyState.Enabled);
        restored.Enable(evidence.Wrapping);
        Assert.Equal(evidence.Wrapping.Version + 1000, restored.Rotate(evidence.Wrapping).Version);
    }

    [Fact]
    public void A_restore_cut_short_before_the_anchor_moved_is_done_again()
    {
        KeyEvidence evidence = Create(_memory);
        using (Keystore keys = Open(_memory)) keys.Backup(BackupPath);
        Arm(_memory, isWritten: false);
        Assert.Throws<IOException>(() => Restore(_memory).Dispose());
        Arm(_memory, isWritten: null);
        using (Keystore keys = Restore(_memory)) evidence.Check(keys);
        using Keystore reopened = Open(_memory);
        RequireAnchorAtHead(_memory, reopened);
    }

    [Fact]
    public void Into_an_empty_place_a_backup_takes_a_new_anchor()
    {
        Create(_memory);
        using (Keystore keys = Open(_memory)) keys.Backup(BackupPath);
        FileAnchor anchor = new(_directory["new-anchor"]);
        string place = "file:" + _directory["other"];
        Assert.Equal(KmsError.Rollback, Error(() => Keystore.Restore(BackupPath, place, KeyEncryptionKey.FromBytes(s_kek), Options(null))));
        using (Keystore keys = Keystore.Restore(BackupPath, place, KeyEncryptionKey.FromBytes(s_kek), Options(anchor)))
        {
            Assert.Equal("anchored:file", keys.Assurance);
            RequireAnchorAtHead(anchor, keys);
        }

        Keystore.Open(place, KeyEncryptionKey.FromBytes(s_kek), Options(anchor)).Dispose();
        Assert.Equal(KmsError.Rollback, Error(() => Keystore.Open(place, KeyEncryptionKey.FromBytes(s_kek))));
    }

    [Fact]
    public void A_forged_anchor_does_not_make_the_sequence_leap()
    {
        Create(_memory);
        long head;
        using (Keystore keys = Open(_memory))
        {
            keys.Backup(BackupPath);
            head = keys.CheckHealth().HeadSeq;
        }

        AnchorHead known = _memory.Read(_storeId)!;
        Assert.True(_memory.TryAdvance(known, known with { Seq = long.MaxValue - 1 }));
        Assert.Equal(KmsError.Rollback, Error(() => Open(_memory)));
        using (Keystore keys = Restore(_memory))
        {
            Assert.InRange(keys.CheckHealth().HeadSeq, head + 1, head + 100);
            RequireAnchorAtHead(_memory, keys);
        }

        Open(_memory).Dispose();
    }

    [Fact]
    public void A_restore_under_an_earlier_store_key_goes_on_above_the_anchor_all_the_same()
    {
        Create(_memory);
        using (Keystore keys = Open(_memory))
        {
            keys.Backup(BackupPath);
            for (int i = 0; i < 60; i++) keys.Create("acme", $"later-{i}", KeyAlgorithm.Ed25519);
            keys.Reseal(KeyEncryptionKey.FromBytes(s_kek), cancellation: Cancel);
        }

        long seq = _memory.Read(_storeId)!.Seq;
        StoreImage.Write(Path.Combine(Root, "g2", "journal.jsonl"), "{}\n"u8);
        using Keystore restored = Restore(_memory);
        Assert.True(restored.CheckHealth().HeadSeq > seq);
        RequireAnchorAtHead(_memory, restored);
    }

    [Fact]
    public void An_anchor_that_does_not_fit_is_refused_before_anything_is_restored()
    {
        Create(null);
        using (Keystore keys = Open(null)) keys.Backup(BackupPath);
        SortedDictionary<string, string> before = StoreImage.Digests(Root);
        FileAnchor inside = new(Path.Combine(Root, "anchor"));
        Assert.Throws<ArgumentException>(() => Restore(inside));
        Assert.Throws<ArgumentException>(() => Keystore.RestoreInPlace(Place, KeyEncryptionKey.FromBytes(s_kek), Options(inside)));
        Assert.Throws<ArgumentException>(() => Keystore.Restore(BackupPath, "memory:", KeyEncryptionKey.FromBytes(s_kek), Options(_memory)));
        Assert.Equal(before, StoreImage.Digests(Root));
        Assert.Null(_memory.Read(_storeId));
    }

    [Theory]
    [MemberData(nameof(AnchorKinds))]
    public void A_copy_has_no_anchor_until_it_is_given_one(bool inFile)
    {
        IRollbackAnchor anchor = Anchor(inFile);
        KeyEvidence evidence = Create(anchor);
        string place = "file:" + _directory["copy"];
        AnchorHead known = anchor.Read(_storeId)!;
        using (Keystore keys = Open(anchor)) keys.CopyTo(place, KeyEncryptionKey.FromBytes(s_other));
        Assert.Equal(known, anchor.Read(_storeId));
        Open(anchor).Dispose();
        FileAnchor own = new(_directory["copy-anchor"]);
        using (Keystore copy = Keystore.Open(place, KeyEncryptionKey.FromBytes(s_other), Options(null)))
        {
            Assert.Equal("chain-only", copy.Assurance);
            evidence.Check(copy);
            copy.AttachAnchor(own);
            RequireAnchorAtHead(own, copy);
        }

        using (Keystore copy = Keystore.Open(place, KeyEncryptionKey.FromBytes(s_other), Options(own))) evidence.Check(copy);
        Assert.Equal(KmsError.Rollback, Error(() => Keystore.Open(place, KeyEncryptionKey.FromBytes(s_other))));
    }

    [Fact]
    public void A_copy_that_takes_over_the_anchor_leaves_its_original_a_rollback()
    {
        KeyEvidence evidence = Create(_memory);
        string place = "file:" + _directory["copy"];
        using (Keystore keys = Open(_memory)) keys.CopyTo(place, KeyEncryptionKey.FromBytes(s_kek));
        using (Keystore copy = Keystore.Open(place, KeyEncryptionKey.FromBytes(s_kek), Options(null))) copy.AttachAnchor(_memory);
        Assert.Equal(KmsError.Rollback, Error(() => Open(_memory)));
        using Keystore again = Keystore.Open(place, KeyEncryptionKey.FromBytes(s_kek), Options(_memory));
        evidence.Check(again);
    }

    [Theory]
    [InlineData("reseal", true)]
    [InlineData("compact", true)]
    [InlineData("reseal", false)]
    [InlineData("compact", false)]
    public void In_a_later_generation_an_anchor_is_attached_detached_and_attached_again(string change, bool inFile)
    {
        IRollbackAnchor anchor = Anchor(inFile);
        KeyEvidence evidence = Create(null);
        using (Keystore keys = Open(null))
        {
            Apply(change, keys, s_kek);
            keys.AttachAnchor(anchor);
            RequireAnchorAtHead(anchor, keys);
        }

        Assert.Equal(KmsError.Rollback, Error(() => Open(null)));
        using (Keystore keys = Open(anchor))
        {
            Lengthen(keys, evidence);
            keys.DetachAnchor();
            Assert.Equal("chain-only", keys.Assurance);
            keys.AttachAnchor(anchor);
            keys.DetachAnchor();
            Lengthen(keys, evidence);
        }

        Assert.Equal(KmsError.Rollback, Error(() => Open(anchor)));
        using (Keystore keys = Open(null))
        {
            evidence.Check(keys);
            keys.AttachAnchor(anchor);
            Lengthen(keys, evidence);
            Apply(change, keys, s_kek);
            RequireAnchorAtHead(anchor, keys);
        }

        RequireAuthentic(anchor, s_kek);
        using Keystore reopened = Open(anchor);
        evidence.Check(reopened);
    }

    private static KmsError Error(Action act) => Assert.Throws<KmsException>(act).Error;

    private static byte[] KekAfter(string change) => change == "compact" ? s_kek : s_other;

    private static void Apply(string change, Keystore keys, byte[] kek)
    {
        switch (change)
        {
            case "reseal":
                keys.Reseal(KeyEncryptionKey.FromBytes(kek), cancellation: Cancel);
                break;
            case "compact":
                Assert.True(keys.Compact(cancellation: Cancel));
                break;
            default:
                keys.ChangeKek(KeyEncryptionKey.FromBytes(kek));
                break;
        }
    }

    /// <summary>Lets an anchor fail: before it wrote, after it wrote, or not any more.</summary>
    private static void Arm(MemoryAnchor anchor, bool? isWritten)
    {
        Action failure = () => throw new IOException("The anchor's place is gone.");
        anchor.BeforeAdvance = isWritten == false ? failure : null;
        anchor.AfterAdvance = isWritten == true ? failure : null;
    }

    private static void Lengthen(Keystore keys, KeyEvidence evidence)
    {
        for (int i = 0; i < 10; i++)
        {
            keys.Enable(evidence.Disabled);
            keys.Disable(evidence.Disabled);
        }
    }

    private static Guid StoreIdAt(string root) =>
        StoreDescription.Read(File.ReadAllBytes(Path.Combine(root, "store.json")), "here").StoreId;

    private void RequireAnchorAtHead(IRollbackAnchor anchor, Keystore keys)
    {
        KeystoreHealth health = keys.CheckHealth();
        AnchorHead known = anchor.Read(_storeId)!;
        Assert.Equal((health.HeadSeq, health.Head), (known.Seq, known.Head));
    }

    /// <summary>Checks the anchor's MAC under the store key that lies in the place: a forged one vouches for no line.</summary>
    private void RequireAuthentic(IRollbackAnchor anchor, byte[] kek)
    {
        using KeyEncryptionKey opening = KeyEncryptionKey.FromBytes(kek);
        using StoreKey storeKey = StoreDescription.Read(File.ReadAllBytes(Path.Combine(Root, "store.json")), "here").Unwrap(opening, "here");
        Assert.Equal(anchor.Read(_storeId)!.Seq, new StoreAnchor(anchor, storeKey, "here").Seq);
    }

    private KeyEvidence Create(IRollbackAnchor? anchor)
    {
        using Keystore keys = Keystore.OpenOrCreate(Place, KeyEncryptionKey.FromBytes(s_kek), Options(anchor));
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        Lengthen(keys, evidence);
        _storeId = StoreIdAt(Root);
        return evidence;
    }

    private void PutBack(string image)
    {
        Directory.Delete(Root, recursive: true);
        StoreImage.Copy(image, Root);
    }

    private IRollbackAnchor Anchor(bool inFile) => inFile ? new FileAnchor(_directory["anchor"]) : _memory;

    private KeystoreOptions Options(IRollbackAnchor? anchor) => new() { TimeProvider = _time, Anchor = anchor };

    private Keystore Open(IRollbackAnchor? anchor, byte[]? kek = null) => Keystore.Open(Place, KeyEncryptionKey.FromBytes(kek ?? s_kek), Options(anchor));

    private Keystore Restore(IRollbackAnchor? anchor) => Keystore.Restore(BackupPath, Place, KeyEncryptionKey.FromBytes(s_kek), Options(anchor));
}

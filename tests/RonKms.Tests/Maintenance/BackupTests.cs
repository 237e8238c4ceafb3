using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Testing;
using RonKms.Tests.Keystores;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Maintenance;

/// <summary>Backups, and what comes of restoring them: into nothing, over the store they are of, over what is left of it.</summary>
public sealed class BackupTests : IDisposable
{
    private static readonly byte[] s_kek = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] s_other = [.. Enumerable.Repeat((byte)2, 32)];

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Root => _directory["store"];

    private string BackupPath => _directory["backup"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("memory:")]
    [InlineData("file:")]
    public void Into_an_empty_place_keys_are_restored_disabled_and_their_next_versions_leap(string kind)
    {
        (KeyEvidence evidence, long head) = CreateAndBackUp();
        string place = kind == "memory:" ? kind : kind + _directory["other"];
        using Keystore keys = Keystore.Restore(BackupPath, place, KeyEncryptionKey.FromBytes(s_kek), Options());
        Assert.True(keys.CheckHealth().HeadSeq > head);
        Assert.All(
            keys.List(new KeyFilter { AllVersions = true }),
            info => Assert.Equal(info.Id == evidence.Destroyed ? KeyState.Destroyed : KeyState.Disabled, info.State));
        Assert.Equal(KmsError.KeyDisabled, Error(() => keys.Sign(evidence.Signing, "m"u8)));
        EnableAll(keys, evidence);
        evidence.Check(keys);
        Assert.Equal(evidence.Signing.Version + 1000, keys.Rotate(evidence.Signing).Version);
        Assert.Equal(evidence.Signing.Version + 1001, keys.Rotate(evidence.Signing.Latest).Version);

        // Nor does a later generation forget that the other keys' versions leap.
        keys.Reseal(KeyEncryptionKey.FromBytes(s_other), cancellation: Cancel);
        Assert.Equal(evidence.Wrapping.Version + 1000, keys.Rotate(evidence.Wrapping).Version);
    }

    [Fact]
    public void A_store_given_to_restore_into_is_disposed_when_the_options_are_refused()
    {
        MemoryStore store = new();
        using MemoryStream backup = new();

        Assert.Throws<ArgumentException>(
            () => Keystore.Restore(backup, store, KeyEncryptionKey.Ephemeral(), new KeystoreOptions { OpenedKeyLimit = 0 }));

        Assert.Throws<ObjectDisposedException>(() => store.ReadDescription());
    }

    [Fact]
    public void Over_its_store_what_was_destroyed_or_disabled_since_stays_so_and_what_was_made_since_is_kept()
    {
        (KeyEvidence evidence, _) = CreateAndBackUp();
        KeyId later;
        KeyId rotated;
        long head;
        using (Keystore keys = Open(s_kek))
        {
            later = keys.Create("acme", "later", KeyAlgorithm.Ed25519);
            rotated = keys.Rotate(evidence.Wrapping);
            keys.Disable(evidence.Wrapping);
            keys.Destroy(evidence.Signing);
            head = keys.CheckHealth().HeadSeq;
        }

        using (Keystore keys = Keystore.Restore(BackupPath, "file:" + Root, KeyEncryptionKey.FromBytes(s_kek), Options()))
        {
            Assert.True(keys.CheckHealth().HeadSeq > head);
            Assert.Equal(KeyState.Destroyed, keys.Get(evidence.Signing).State);
            Assert.Equal(KeyState.Disabled, keys.Get(evidence.Wrapping).State);
            Assert.Equal(KeyState.Destroyed, keys.Get(evidence.Destroyed).State);
            Assert.Equal(rotated, keys.Get(evidence.Wrapping.Latest).Id);
            Assert.True(keys.Verify(later, "m"u8, keys.Sign(later, "m"u8)));
            Assert.Equal(later.Version + 1, keys.Rotate(later).Version);
        }

        Assert.True(File.Exists(Path.Combine(Root, "archive", "g1.jsonl")));
        Assert.False(Directory.Exists(Path.Combine(Root, "g1")));
    }

    [Fact]
    public void A_damaged_record_is_taken_from_the_backup()
    {
        (KeyEvidence evidence, _) = CreateAndBackUp();
        string record = Directory.GetFiles(Root, $"{evidence.Wrapping.Uuid}.v1.ronk", SearchOption.AllDirectories).Single();
        StoreImage.Write(record, [1, 2, 3]);
        using Keystore keys = Keystore.Restore(BackupPath, "file:" + Root, KeyEncryptionKey.FromBytes(s_kek), Options());
        evidence.Check(keys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_record_that_is_damaged_wherever_it_is_looked_for_is_kept_aside_and_told_of(bool inPlace)
    {
        KeyId key;
        KeyEvidence evidence;
        using (Keystore keys = Create())
        {
            evidence = new(keys, _time.GetUtcNow());
            keys.Backup(BackupPath);
            key = keys.Create("acme", "since", KeyAlgorithm.Ed25519);
        }

        if (inPlace) PutOtherDescription();
        string record = RecordOf(key, ".ronk");
        byte[] damaged = [.. File.ReadAllBytes(record)[..^1], 1, 2];
        StoreImage.Write(record, damaged);
        byte[] orphan = File.ReadAllBytes(RecordOf(evidence.Signing, ".ronk"));
        string orphanName = $"{evidence.Signing.Uuid}.v77.ronk";
        StoreImage.Write(Path.Combine(Path.GetDirectoryName(RecordOf(evidence.Signing, ".ronk"))!, orphanName), orphan);
        CapturedLog log = new();
        KeystoreOptions options = Options();
        options.LoggerFactory = log;
        using Keystore restored = inPlace
            ? Keystore.RestoreInPlace("file:" + Root, KeyEncryptionKey.FromBytes(s_kek), options)
            : Keystore.Restore(BackupPath, "file:" + Root, KeyEncryptionKey.FromBytes(s_kek), options);
        if (inPlace)
        {
            EnableAll(restored, evidence);
            restored.Enable(key);
        }

        evidence.Check(restored, key);
        Assert.Equal(KmsError.SealedCorrupt, Error(() => restored.Sign(key, "m"u8)));
        Assert.Equal(damaged, File.ReadAllBytes(Path.Combine(Root, "lost", "g1-" + Path.GetFileName(record))));
        Assert.Equal(orphan, File.ReadAllBytes(Path.Combine(Root, "lost", "g1-" + orphanName)));
        Assert.Equal(2, Directory.GetFileSystemEntries(Path.Combine(Root, "lost")).Length);
        (_, _, string text) = Assert.Single(log.Entries, entry => entry.Name == "NotRestored");
        Assert.Contains(key.ToString(), text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_record_of_a_version_that_is_destroyed_elsewhere_is_not_kept()
    {
        KeyEvidence evidence;
        string old = _directory["old"];
        using (Keystore keys = Create())
        {
            evidence = new(keys, _time.GetUtcNow());
        }

        // The backup knows of the destruction; what it is restored over is from before.
        StoreImage.Copy(Root, old);
        using (Keystore keys = Open(s_kek))
        {
            keys.Destroy(evidence.Wrapping);
            keys.Backup(BackupPath);
        }

        Directory.Delete(Root, recursive: true);
        Directory.Move(old, Root);
        StoreImage.Write(RecordOf(evidence.Wrapping, ".ronk"), [1, 2, 3]);
        using Keystore restored = Keystore.Restore(BackupPath, "file:" + Root, KeyEncryptionKey.FromBytes(s_kek), Options());
        Assert.Equal(KeyState.Destroyed, restored.Get(evidence.Wrapping).State);
        Assert.False(Directory.Exists(Path.Combine(Root, "lost")));
        Assert.DoesNotContain(Directory.GetFiles(Root, "*", SearchOption.AllDirectories), path => path.EndsWith($"{evidence.Wrapping.Uuid}.v{evidence.Wrapping.Version}.ronk", StringComparison.Ordinal));
    }

    [Fact]
    public void A_later_generation_beside_an_older_store_that_was_put_back_is_not_erased_by_a_restore_in_place()
    {
        CreateAndBackUp();
        string old = StoreImage.Copy(Root, _directory["old"]);
        KeyId since;
        using (Keystore keys = Open(s_kek))
        {
            keys.Reseal(KeyEncryptionKey.FromBytes(s_kek), cancellation: Cancel);
            since = keys.Create("acme", "since", KeyAlgorithm.Ed25519);
        }

        byte[] record = File.ReadAllBytes(RecordOf(since, ".ronk"));
        byte[] journal = File.ReadAllBytes(Path.Combine(Root, "g2", "journal.jsonl"));
        Directory.Move(Path.Combine(old, "g1"), Path.Combine(Root, "g1"));
        File.Move(Path.Combine(old, "store.json"), Path.Combine(Root, "store.json"), overwrite: true);

        Keystore.RestoreInPlace("file:" + Root, KeyEncryptionKey.FromBytes(s_kek), Options()).Dispose();

        Assert.Equal(record, File.ReadAllBytes(Path.Combine(Root, "lost", $"g2-{since.Uuid}.v1.ronk")));
        Assert.Equal(journal, File.ReadAllBytes(Path.Combine(Root, "archive", "g2.jsonl")));
        Open(s_kek).Dispose();
    }

    [Theory]
    [InlineData("journal.jsonl")]
    [InlineData("store.json")]
    [InlineData("both")]
    public void Over_a_damaged_store_the_backup_is_restored_and_what_lay_there_is_kept_aside(string damaged)
    {
        (KeyEvidence evidence, _) = CreateAndBackUp();
        if (damaged != "store.json") StoreImage.Write(Path.Combine(Root, "g1", "journal.jsonl"), "{}\n"u8);
        if (damaged != "journal.jsonl") File.Delete(Path.Combine(Root, "store.json"));
        using Keystore keys = Keystore.Restore(BackupPath, "file:" + Root, KeyEncryptionKey.FromBytes(s_kek), Options());
        if (damaged == "store.json")
        {
            // The journal can still be read: the backup has the key for it.
            evidence.Check(keys);
            return;
        }

        Assert.Equal(KmsError.KeyDisabled, Error(() => keys.Sign(evidence.Signing, "m"u8)));
        EnableAll(keys, evidence);
        evidence.Check(keys);
        Assert.True(File.Exists(Path.Combine(Root, "lost", "g1", "journal.jsonl")));
    }

    [Fact]
    public void A_restore_does_not_undo_a_reseal()
    {
        (KeyEvidence evidence, _) = CreateAndBackUp();
        using (Keystore keys = Open(s_kek)) keys.Reseal(KeyEncryptionKey.FromBytes(s_kek), cancellation: Cancel);
        string wrapped = File.ReadAllText(Path.Combine(Root, "store.json")).Split("wrapped_key")[1];
        using Keystore restored = Keystore.Restore(BackupPath, "file:" + Root, KeyEncryptionKey.FromBytes(s_kek), Options());
        evidence.Check(restored);
        Assert.Equal(wrapped, File.ReadAllText(Path.Combine(Root, "store.json")).Split("wrapped_key")[1]);
    }

    [Fact]
    public void After_a_change_of_kek_a_backup_is_restored_with_the_new_one_alone()
    {
        (KeyEvidence evidence, _) = CreateAndBackUp();
        using (Keystore keys = Open(s_kek)) keys.ChangeKek(KeyEncryptionKey.FromBytes(s_other));
        Assert.Equal(KmsError.WrongKek, Error(() => Keystore.Restore(BackupPath, "file:" + Root, KeyEncryptionKey.FromBytes(s_kek), Options())));
        using (Keystore restored = Keystore.Restore(BackupPath, "file:" + Root, KeyEncryptionKey.FromBytes(s_other), Options())) evidence.Check(restored);
        Assert.Equal(KmsError.WrongKek, Error(() => Open(s_kek)));
        Open(s_other).Dispose();
    }

    [Fact]
    public void Another_store_and_another_kek_are_refused_and_nothing_changes()
    {
        CreateAndBackUp();
        string other = _directory["other"];
        Keystore.OpenOrCreate("file:" + other, KeyEncryptionKey.FromBytes(s_kek)).Dispose();
        SortedDictionary<string, string> before = StoreImage.Digests(other);
        Assert.Equal(KmsError.Denied, Error(() => Keystore.Restore(BackupPath, "file:" + other, KeyEncryptionKey.FromBytes(s_kek))));
        Assert.Equal(before, StoreImage.Digests(other));

        before = StoreImage.Digests(Root);
        Assert.Equal(KmsError.WrongKek, Error(() => Keystore.Restore(BackupPath, "file:" + Root, KeyEncryptionKey.FromBytes(s_other))));
        Assert.Equal(KmsError.StoreNotFound, Error(() => Keystore.Restore(BackupPath + "2", "file:" + Root, KeyEncryptionKey.FromBytes(s_kek))));
        Assert.Equal(before, StoreImage.Digests(Root));
    }

    [Fact]
    public void A_backup_overwrites_nothing()
    {
        CreateAndBackUp();
        byte[] before = File.ReadAllBytes(BackupPath);
        using Keystore keys = Open(s_kek);
        Assert.Equal(KmsError.StoreFailed, Error(() => keys.Backup(BackupPath)));
        Assert.Equal(before, File.ReadAllBytes(BackupPath));
        Assert.False(File.Exists(BackupPath + ".tmp"));
    }

    [Fact]
    public void A_backup_that_is_changed_or_cut_anywhere_is_refused()
    {
        CreateAndBackUp();
        byte[] whole = File.ReadAllBytes(BackupPath);
        using StoreKey storeKey = Description(whole).Unwrap(KeyEncryptionKey.FromBytes(s_kek), "here");
        Assert.True(Authenticates(whole, storeKey));
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0x20;
            Assert.False(Authenticates(changed, storeKey), $"byte {at} changed");
            Assert.False(Authenticates(whole[..at], storeKey), $"cut at {at}");
        }

        Assert.False(Authenticates([.. whole, 0], storeKey));
    }

    [Fact]
    public void A_length_is_not_believed()
    {
        CreateAndBackUp();
        byte[] whole = File.ReadAllBytes(BackupPath);
        whole.AsSpan(10, 4).Fill(0xFF);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(KmsError.SealedCorrupt, Error(() => _ = new BackupReader(new MemoryStream(whole), "here")));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
    }

    [Fact]
    public async Task A_backup_made_while_keys_come_and_go_is_consistent()
    {
        using Keystore keys = Create();
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        using CancellationTokenSource done = new();
        Task writer = Task.Run(() =>
        {
            for (int i = 0; !done.IsCancellationRequested; i++)
            {
                KeyId key = keys.Create("acme", $"come-and-go-{i}", KeyAlgorithm.Ed25519);
                if (i % 2 == 0) keys.Destroy(key);
                if (i % 16 == 0) keys.Compact(cancellation: Cancel);
            }
        }, Cancel);
        for (int i = 0; i < 20; i++)
        {
            string file = _directory[$"backup-{i}"];
            keys.Backup(file);
            using Keystore restored = Keystore.Restore(file, "memory:", KeyEncryptionKey.FromBytes(s_kek), Options());
            EnableAll(restored, evidence);
            foreach (KeyInfo info in restored.List())
            {
                // Every record is there, and every destroyed key has its public half.
                if (info.Id.Algorithm.IsAsymmetric) _ = restored.GetPublicKey(info.Id);
                if (info.State != KeyState.Disabled) continue;
                restored.Enable(info.Id);
                if (info.Id.Algorithm == KeyAlgorithm.Ed25519) _ = restored.Sign(info.Id, "m"u8);
            }
        }

        await done.CancelAsync();
        await writer;
    }

    [Fact]
    public void A_store_that_moves_holds_the_same_keys()
    {
        using Keystore memory = Keystore.OpenOrCreate(new RonKms.Storage.MemoryStore(), KeyEncryptionKey.FromBytes(s_kek), Options());
        KeyEvidence evidence = new(memory, _time.GetUtcNow());
        memory.CopyTo("file:" + Root, KeyEncryptionKey.FromBytes(s_other));
        using Keystore first = Open(s_other);
        Assert.Equal(memory.ComputeInventory(), first.ComputeInventory());
        evidence.Check(first);
        first.CopyTo("file:" + _directory["second"], KeyEncryptionKey.FromBytes(s_kek));
        using Keystore second = Keystore.Open("file:" + _directory["second"], KeyEncryptionKey.FromBytes(s_kek), Options());
        evidence.Check(second);
        Assert.Equal(memory.ComputeInventory(), second.ComputeInventory());
        Assert.Equal(evidence.Signing.Version + 1, second.Rotate(evidence.Signing).Version);
        Assert.NotEqual(memory.ComputeInventory(), second.ComputeInventory());
        Assert.Equal(KmsError.StoreLocked, Error(() => first.CopyTo("file:" + _directory["second"], KeyEncryptionKey.FromBytes(s_kek))));
        second.Dispose();
        Assert.Equal(KmsError.StoreFailed, Error(() => first.CopyTo("file:" + _directory["second"], KeyEncryptionKey.FromBytes(s_kek))));
    }

    [Fact]
    public void A_store_of_different_days_is_accepted_only_by_an_explicit_restore_in_place()
    {
        CreateAndBackUp();
        byte[] before = File.ReadAllBytes(Path.Combine(Root, "store.json"));
        using (Keystore keys = Open(s_kek)) keys.ChangeKek(KeyEncryptionKey.FromBytes(s_other));
        StoreImage.Write(Path.Combine(Root, "store.json"), before);
        Assert.Equal(KmsError.Rollback, Error(() => Open(s_kek)));
        Assert.Equal(KmsError.WrongKek, Error(() => Keystore.RestoreInPlace("file:" + Root, KeyEncryptionKey.FromBytes(s_other))));
        using (Keystore keys = Keystore.RestoreInPlace("file:" + Root, KeyEncryptionKey.FromBytes(s_kek), Options()))
        {
            Assert.DoesNotContain(keys.List(), info => info.State == KeyState.Enabled);
        }

        Assert.Contains("\"reason\":\"restore-leap\"", File.ReadLines(Path.Combine(Root, "g2", "journal.jsonl")).First(), StringComparison.Ordinal);
        Open(s_kek).Dispose();
    }

    /// <summary>Makes store.json one of another day than the journal.</summary>
    private void PutOtherDescription()
    {
        byte[] before = File.ReadAllBytes(Path.Combine(Root, "store.json"));
        using (Keystore keys = Open(s_kek)) keys.ChangeKek(KeyEncryptionKey.FromBytes(s_other));
        StoreImage.Write(Path.Combine(Root, "store.json"), before);
    }

    private string RecordOf(KeyId key, string extension) =>
        Assert.Single(Directory.GetFiles(Root, $"{key.Uuid}.v{key.Version}{extension}", SearchOption.AllDirectories));

    private static void EnableAll(Keystore keys, KeyEvidence evidence)
    {
        foreach (KeyId id in (KeyId[])[evidence.Signing, evidence.Signing.WithVersion(1), evidence.Wrapping, evidence.Wrapping.WithVersion(1)]) keys.Enable(id);
    }

    private static StoreDescription Description(byte[] backup) =>
        StoreDescription.Read(new BackupReader(new MemoryStream(backup), "here").Description, "here");

    private static bool Authenticates(byte[] backup, StoreKey storeKey)
    {
        try
        {
            return new BackupReader(new MemoryStream(backup), "here").Authenticates(storeKey);
        }
        catch (KmsException refused) when (refused.Error is KmsError.SealedCorrupt or KmsError.NewerFormat)
        {
            return false;
        }
    }

    private static KmsError Error(Action act) => Assert.Throws<KmsException>(act).Error;

    private (KeyEvidence Evidence, long Head) CreateAndBackUp()
    {
        using Keystore keys = Create();
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        keys.Backup(BackupPath);
        return (evidence, keys.CheckHealth().HeadSeq);
    }

    private KeystoreOptions Options() => new() { TimeProvider = _time };

    private Keystore Create() => Keystore.OpenOrCreate("file:" + Root, KeyEncryptionKey.FromBytes(s_kek), Options());

    private Keystore Open(byte[] kek) => Keystore.Open("file:" + Root, KeyEncryptionKey.FromBytes(kek), Options());
}

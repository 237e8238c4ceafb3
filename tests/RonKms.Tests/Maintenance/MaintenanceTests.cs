using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Testing;
using RonKms.Tests.Keystores;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Maintenance;

/// <summary>Changes of a store as a whole, in a directory and in memory.</summary>
public sealed class MaintenanceTests : IDisposable
{
    private static readonly byte[] s_first = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] s_second = [.. Enumerable.Repeat((byte)2, 32)];

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<bool> Kinds => [true, false];

    private string Root => _directory["store"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void After_a_change_of_kek_everything_is_as_it_was(bool inFile)
    {
        using Keystore keys = Create(inFile);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        SortedDictionary<string, string>? records = inFile ? Records() : null;
        keys.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
        evidence.Check(keys);
        keys.Create("acme", "later", KeyAlgorithm.Ed25519);
        if (inFile) Assert.All(records!, file => Assert.Equal(file.Value, Records()[file.Key]));
    }

    [Fact]
    public void After_a_change_of_kek_only_the_new_one_opens()
    {
        KeyEvidence evidence;
        using (Keystore keys = Create(inFile: true))
        {
            evidence = new(keys, _time.GetUtcNow());
            keys.ChangeKek(KeyEncryptionKey.FromPassphrase("another kind"u8));
        }

        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Open(s_first)).Error);
        using (Keystore keys = Keystore.Open("file:" + Root, KeyEncryptionKey.FromPassphrase("another kind"u8), Options()))
        {
            evidence.Check(keys);
            keys.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
        }

        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Keystore.Open("file:" + Root, KeyEncryptionKey.FromPassphrase("another kind"u8))).Error);
        using Keystore again = Open(s_second);
        evidence.Check(again);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_left_of_a_destroyed_version_tells_no_times(bool isLate)
    {
        KeyId second;
        using (Keystore keys = Create(inFile: true))
        {
            KeyId first = keys.Create("acme", "signing", KeyAlgorithm.Ed25519, new() { NotAfter = _time.GetUtcNow().AddDays(10) });
            second = keys.Rotate(first);
            keys.Destroy(second);
            _time.Advance(TimeSpan.FromDays(isLate ? 11 : 1));
            keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
        }

        string remains = Assert.Single(Directory.GetFiles(Root, $"{second.Uuid}.v2.pub", SearchOption.AllDirectories));
        byte[] header = File.ReadAllBytes(remains);
        header.AsSpan(8, 8).Clear();
        File.WriteAllBytes(remains, header);
        using Keystore again = Open(s_first);
        Assert.Equal(_time.GetUtcNow(), again.Get(second).CreatedAt);

        if (isLate)
        {
            Assert.Equal(KmsError.KeyDestroyed, Assert.Throws<KmsException>(() => again.Rotate(second)).Error);
        }
        else
        {
            Assert.Equal(_time.GetUtcNow().AddDays(9), again.Get(again.Rotate(second)).NotAfter);
        }
    }

    [Fact]
    public void A_listing_of_a_later_generation_reads_each_record_once_and_none_that_is_destroyed()
    {
        KeyId key;
        DateTimeOffset created = _time.GetUtcNow();
        using (Keystore keys = Create(inFile: true))
        {
            key = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
            keys.Destroy(keys.Create("acme", "signing", KeyAlgorithm.Ed25519));
            _time.Advance(TimeSpan.FromDays(1));
            keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
        }

        int reads = 0;
        SpyStore store = new(FileStore.Open(Root)) { OnReadRecord = () => reads++ };
        using Keystore again = Keystore.Open(store, KeyEncryptionKey.FromBytes(s_first), new() { TimeProvider = _time });
        Assert.Equal(0, reads);

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(created, Assert.Single(again.List(), info => info.Id == key).CreatedAt);
            Assert.Single(again.List(new KeyFilter { State = KeyState.Destroyed }));
        }

        Assert.Equal(again.List().Count(info => info.State == KeyState.Enabled), reads);
    }

    [Fact]
    public void A_damaged_record_of_an_earlier_generation_keeps_no_other_key_from_being_listed()
    {
        KeyId key;
        using (Keystore keys = Create(inFile: true))
        {
            key = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
            keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
        }

        File.Delete(Assert.Single(Directory.GetFiles(Root, $"{key.Uuid}.v1.ronk", SearchOption.AllDirectories)));
        using Keystore again = Open(s_first);

        Assert.Contains(again.List(), info => info.Id == key);
    }

    [Fact]
    public void A_description_of_before_a_change_of_kek_is_a_rollback()
    {
        byte[] before;
        using (Keystore keys = Create(inFile: true))
        {
            before = File.ReadAllBytes(Path.Combine(Root, "store.json"));
            keys.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
        }

        StoreImage.Write(Path.Combine(Root, "store.json"), before);
        Assert.Equal(KmsError.Rollback, Assert.Throws<KmsException>(() => Open(s_first)).Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void While_a_change_of_kek_is_cut_short_either_kek_opens_and_the_open_brings_it_to_an_end(bool isJournalled)
    {
        foreach (bool giveNew in (bool[])[false, true])
        {
            using TemporaryDirectory directory = TemporaryDirectory.InMemory();
            string root = directory["store"];
            Keystore.OpenOrCreate("file:" + root, KeyEncryptionKey.FromBytes(s_first)).Dispose();
            byte[] before = File.ReadAllBytes(Path.Combine(root, "store.json"));
            byte[] journal = File.ReadAllBytes(Path.Combine(root, "g1", "journal.jsonl"));
            using (Keystore keys = Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(s_first))) keys.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
            File.Move(Path.Combine(root, "store.json"), Path.Combine(root, "store.json.next"));
            StoreImage.Write(Path.Combine(root, "store.json"), before);
            if (!isJournalled) StoreImage.Write(Path.Combine(root, "g1", "journal.jsonl"), journal);

            Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(giveNew ? s_second : s_first)).Dispose();

            Assert.False(File.Exists(Path.Combine(root, "store.json.next")));
            bool isNew = giveNew || isJournalled;
            Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(isNew ? s_first : s_second))).Error);
            Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(isNew ? s_second : s_first)).Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void After_a_reseal_keys_are_what_they_were_under_another_store_key(bool inFile)
    {
        using Keystore keys = Create(inFile);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        SortedDictionary<string, string>? before = inFile ? Records() : null;
        keys.Reseal(KeyEncryptionKey.FromBytes(s_second), cancellation: Cancel);
        evidence.Check(keys);
        KeyId later = keys.Rotate(evidence.Signing);
        Assert.Equal(3u, later.Version);
        if (!inFile) return;

        SortedDictionary<string, string> after = Records();
        Assert.All(before!.Where(file => file.Key.EndsWith(".ronk", StringComparison.Ordinal)), file => Assert.DoesNotContain(file.Value, after.Values));
        Assert.False(Directory.Exists(Path.Combine(Root, "g1")));
        keys.Dispose();
        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Open(s_first)).Error);
        using Keystore reopened = Open(s_second);
        Assert.Equal(later, reopened.Get(evidence.Signing.Latest).Id);
        evidence.CheckDisabledKey(reopened);
    }

    [Fact]
    public void After_a_reseal_the_archive_leads_to_where_the_journal_goes_on()
    {
        using (Keystore keys = Create(inFile: true))
        {
            _ = new KeyEvidence(keys, _time.GetUtcNow());
            keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
            keys.Create("acme", "between", KeyAlgorithm.Ed25519);
            keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
        }

        string earlier = Chain(Path.Combine(Root, "archive", "g1.jsonl"), from: null);
        earlier = Chain(Path.Combine(Root, "archive", "g2.jsonl"), earlier);
        Chain(Path.Combine(Root, "g3", "journal.jsonl"), earlier);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_compaction_shortens_a_journal_only_where_it_pays(bool inFile)
    {
        using Keystore keys = Create(inFile);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        Assert.False(keys.Compact(cancellation: Cancel));
        for (int i = 0; i < 10; i++)
        {
            keys.Disable(evidence.Wrapping);
            keys.Enable(evidence.Wrapping);
        }

        SortedDictionary<string, string>? before = inFile ? Records() : null;
        Assert.True(keys.Compact(cancellation: Cancel));
        Assert.False(keys.Compact(cancellation: Cancel));
        evidence.Check(keys);
        if (!inFile) return;

        Assert.Equal(before!.Values, Records().Values);
        Assert.Equal(evidence.Count + 1, File.ReadAllLines(Path.Combine(Root, "g2", "journal.jsonl")).Length);
        keys.Dispose();
        using Keystore reopened = Open(s_first);
        evidence.Check(reopened);
        reopened.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
        evidence.Check(reopened);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Attestations_tell_of_the_new_generation(bool inFile)
    {
        using Keystore keys = Create(inFile);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
        JsonElement attestation = JsonDocument.Parse(keys.Attest(evidence.Signing).Json).RootElement;
        Assert.Equal("state", Assert.Single(attestation.GetProperty("lines").EnumerateArray()).GetProperty("op").GetString());
        Assert.Equal(keys.CheckHealth().Head, attestation.GetProperty("head").GetString());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_cancelled_reseal_changes_nothing(bool inFile)
    {
        using Keystore keys = Create(inFile);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        string head = keys.CheckHealth().Head;
        for (int after = 0; after <= evidence.Count; after++)
        {
            using CancellationTokenSource source = new();
            if (after == 0) source.Cancel();
            CancelAfter progress = new(after, source);
            Assert.Throws<OperationCanceledException>(() => keys.Reseal(KeyEncryptionKey.FromBytes(s_second), progress, source.Token));
            Assert.Equal(head, keys.CheckHealth().Head);
            if (inFile) Assert.False(Directory.Exists(Path.Combine(Root, "g2")));
        }

        evidence.Check(keys);
        keys.Rotate(evidence.Signing);
        keys.Reseal(KeyEncryptionKey.FromBytes(s_second), cancellation: Cancel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_missing_or_replaced_record_stops_a_reseal_and_a_compaction(bool isMissing)
    {
        using Keystore keys = Create(inFile: true);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        Lengthen(keys, evidence);
        string record = Directory.GetFiles(Root, $"{evidence.Wrapping.Uuid}.v1.ronk", SearchOption.AllDirectories).Single();
        string other = Directory.GetFiles(Root, $"{evidence.Wrapping.Uuid}.v2.ronk", SearchOption.AllDirectories).Single();
        byte[] bytes = File.ReadAllBytes(record);
        File.Delete(record);
        if (!isMissing) File.Copy(other, record);
        SortedDictionary<string, string> before = StoreImage.Digests(Root);

        KmsException reseal = Assert.Throws<KmsException>(() => keys.Reseal(KeyEncryptionKey.FromBytes(s_second), cancellation: Cancel));
        KmsException compaction = Assert.Throws<KmsException>(() => keys.Compact(cancellation: Cancel));

        Assert.All([reseal, compaction], refusal =>
        {
            Assert.Equal(KmsError.SealedCorrupt, refusal.Error);
            Assert.Contains(evidence.Wrapping.WithVersion(1).ToString(), refusal.Message, StringComparison.Ordinal);
        });
        Assert.Equal(before, StoreImage.Digests(Root));
        StoreImage.Write(record, bytes);
        Assert.True(keys.Compact(cancellation: Cancel));
        evidence.Check(keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_remains_of_a_destroyed_version_stop_nothing_and_are_kept_aside(bool isReseal)
    {
        using Keystore keys = Create(inFile: true);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        Lengthen(keys, evidence);
        string remains = Directory.GetFiles(Root, $"{evidence.Destroyed.Uuid}.v1.pub", SearchOption.AllDirectories).Single();
        byte[] damaged = [.. File.ReadAllBytes(remains)[..^20], 1, 2, 3];
        StoreImage.Write(remains, damaged);

        if (isReseal) keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
        else Assert.True(keys.Compact(cancellation: Cancel));

        string kept = Directory.GetFiles(Root, $"*{evidence.Destroyed.Uuid}.v1.pub", SearchOption.AllDirectories).Single();
        Assert.StartsWith(Path.Combine(Root, "lost"), kept, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllBytes(kept));
        Assert.True(keys.Verify(evidence.Signing, "m"u8, keys.Sign(evidence.Signing, "m"u8)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_in_the_place_of_remains_stops_nothing(bool isReseal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets not everybody make a link.");
        using Keystore keys = Create(inFile: true);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        Lengthen(keys, evidence);
        string remains = Directory.GetFiles(Root, $"{evidence.Destroyed.Uuid}.v1.pub", SearchOption.AllDirectories).Single();
        File.Delete(remains);
        File.CreateSymbolicLink(remains, Path.Combine(Root, "store.json"));

        using MemoryStream backup = new();
        keys.Backup(backup);
        if (isReseal) keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
        else Assert.True(keys.Compact(cancellation: Cancel));

        Assert.Empty(Directory.GetFiles(Path.Combine(Root, "g2"), "*.pub", SearchOption.AllDirectories));
        backup.Position = 0;
        Keystore.Restore(backup, new MemoryStore(), KeyEncryptionKey.FromBytes(s_first), Options()).Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_compaction_carries_no_description_on_that_the_journal_does_not_name(bool isForged)
    {
        string path = Path.Combine(Root, "store.json");
        using (Keystore keys = Create(inFile: true))
        {
            Lengthen(keys, new KeyEvidence(keys, _time.GetUtcNow()));
            byte[] old = File.ReadAllBytes(path);
            if (isForged) old = WithAnotherWrappedKey(old);
            keys.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
            byte[] right = File.ReadAllBytes(path);
            StoreImage.Write(path, old);

            KmsException refused = Assert.Throws<KmsException>(() => keys.Compact(cancellation: Cancel));
            Assert.Equal(KmsError.SealedCorrupt, refused.Error);
            Assert.Equal(old, File.ReadAllBytes(path));
            Assert.False(Directory.Exists(Path.Combine(Root, "g2")));

            StoreImage.Write(path, right);
            Assert.True(keys.Compact(cancellation: Cancel));
        }

        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Open(s_first)).Error);
        Open(s_second).Dispose();
    }

    [Theory]
    [InlineData("g9007199254740991.jsonl")]
    [InlineData("g9223372036854775807.jsonl")]
    public void A_number_that_no_generation_can_have_is_not_counted_on_from(string planted)
    {
        using (Keystore keys = Create(inFile: true))
        {
            keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
            StoreImage.Write(Path.Combine(Root, "archive", planted), "x"u8);
            keys.Reseal(KeyEncryptionKey.FromBytes(s_second), cancellation: Cancel);
        }

        Assert.True(Directory.Exists(Path.Combine(Root, "g3")));
        Open(s_second).Dispose();
    }

    [Fact]
    public void A_full_journal_refuses_changes_until_it_is_compacted()
    {
        using Keystore keys = Create(inFile: true);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        Lengthen(keys, evidence);
        Fill(keys);

        KmsException full = Assert.Throws<KmsException>(() => keys.Disable(evidence.Signing));
        Assert.Equal(KmsError.StoreFailed, full.Error);
        Assert.Contains("Compact", full.Message, StringComparison.Ordinal);
        Assert.Equal(KeyState.Enabled, keys.Get(evidence.Signing).State);
        Assert.NotEmpty(keys.Sign(evidence.Signing, "m"u8));

        Assert.True(keys.Compact(cancellation: Cancel));
        keys.Disable(evidence.Signing);
    }

    [Fact]
    public void A_description_that_could_not_be_read_back_is_not_written()
    {
        using StoreKey key = StoreKey.Generate();
        using KeyEncryptionKey kek = KeyEncryptionKey.FromBytes(s_first);
        Assert.Equal(KmsError.Internal, Assert.Throws<KmsException>(() => StoreDescription.Write(key, 1L << 53, kek)).Error);
        Assert.NotEmpty(StoreDescription.Write(key, (1L << 53) - 1, kek));
    }

    [Fact]
    public async Task A_key_is_opened_while_a_new_generation_is_made_durable()
    {
        KeyId key;
        using (Keystore keys = Create(inFile: true))
        {
            key = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
        }

        using HaltedFiles files = new();
        using Keystore again = Keystore.Open(FileStore.Open(Root, FileStores.Existing, files), KeyEncryptionKey.FromBytes(s_first), Options());
        Task reseal = Task.Run(() => again.Reseal(KeyEncryptionKey.FromBytes(s_second), cancellation: Cancel), Cancel);
        try
        {
            Assert.True(files.Reached.Wait(TimeSpan.FromSeconds(30), Cancel));
            await Task.Run(() => again.Sign(key, "m"u8), Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            Assert.False(reseal.IsCompleted);
        }
        finally
        {
            files.GoOn.Set();
        }

        await reseal;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_record_that_no_line_names_is_kept_aside_when_its_generation_goes(bool isReseal)
    {
        using Keystore keys = Create(inFile: true);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        Lengthen(keys, evidence);
        string record = Directory.GetFiles(Root, $"{evidence.Wrapping.Uuid}.v1.ronk", SearchOption.AllDirectories).Single();
        string stray = record.Replace(".v1.", ".v9.", StringComparison.Ordinal);
        StoreImage.Write(stray, [7, 7]);

        if (isReseal) keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
        else Assert.True(keys.Compact(cancellation: Cancel));

        string kept = Assert.Single(Directory.GetFiles(Path.Combine(Root, "lost")));
        Assert.Equal("g1-" + Path.GetFileName(stray), Path.GetFileName(kept));
        Assert.Equal([7, 7], File.ReadAllBytes(kept));
        evidence.Check(keys);
    }

    [Fact]
    public void Once_a_restored_store_is_resealed_its_old_records_go_also_where_that_was_cut_short()
    {
        KeyEvidence evidence;
        string generation = _directory["generation"];
        using (Keystore keys = Create(inFile: true))
        {
            evidence = new(keys, _time.GetUtcNow());
            byte[] before = File.ReadAllBytes(Path.Combine(Root, "store.json"));
            keys.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
            StoreImage.Write(Path.Combine(Root, "store.json"), before);
        }

        // Every generation from here on is one in which next versions leap.
        using (Keystore keys = Keystore.RestoreInPlace("file:" + Root, KeyEncryptionKey.FromBytes(s_first), Options()))
        {
            StoreImage.Copy(Path.Combine(Root, "g2"), generation);
            keys.Reseal(KeyEncryptionKey.FromBytes(s_first), cancellation: Cancel);
        }

        Directory.Move(generation, Path.Combine(Root, "g2"));
        File.Delete(Path.Combine(Root, "archive", "g2.jsonl"));
        Open(s_first).Dispose();

        Assert.True(File.Exists(Path.Combine(Root, "archive", "g2.jsonl")));
        Assert.False(Directory.Exists(Path.Combine(Root, "g2")));
        Assert.False(Directory.Exists(Path.Combine(Root, "lost")));
    }

    [Fact]
    public void A_damaged_record_stops_a_reseal_and_a_compaction_before_anything_changes()
    {
        using Keystore keys = Create(inFile: true);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        Lengthen(keys, evidence);
        string record = Directory.GetFiles(Path.Combine(Root, "g1", "keys"), $"{evidence.Wrapping.Uuid}.v1.ronk", SearchOption.AllDirectories).Single();
        byte[] bytes = File.ReadAllBytes(record);
        StoreImage.Write(record, [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
        string head = keys.CheckHealth().Head;
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => keys.Reseal(KeyEncryptionKey.FromBytes(s_second), cancellation: Cancel)).Error);
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => keys.Compact(cancellation: Cancel)).Error);
        Assert.Equal(head, keys.CheckHealth().Head);
        StoreImage.Write(record, bytes);
        keys.Reseal(KeyEncryptionKey.FromBytes(s_second), cancellation: Cancel);
        evidence.Check(keys);
    }

    [Fact]
    public void A_view_does_not_change_the_store_as_a_whole()
    {
        using Keystore keys = Create(inFile: false);
        Keystore view = (Keystore)keys.ForCaller("somebody");
        Assert.Throws<InvalidOperationException>(() => view.ChangeKek(KeyEncryptionKey.Ephemeral()));
        Assert.Throws<InvalidOperationException>(() => view.Reseal(KeyEncryptionKey.Ephemeral(), cancellation: Cancel));
        Assert.Throws<InvalidOperationException>(() => view.Compact(cancellation: Cancel));
        Assert.Throws<InvalidOperationException>(() => view.VerifyStore(null, Cancel));
        Assert.Throws<InvalidOperationException>(() => view.Backup(Stream.Null));
        Assert.Throws<InvalidOperationException>(() => view.Backup(_directory["backup"]));
        Assert.Throws<InvalidOperationException>(() => view.CopyTo("file:" + _directory["copy"], KeyEncryptionKey.Ephemeral()));
        Assert.Throws<InvalidOperationException>(() => view.AttachAnchor(new MemoryAnchor()));
        Assert.Throws<InvalidOperationException>(view.DetachAnchor);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void A_change_from_within_a_reseal_is_refused()
    {
        using Keystore keys = Create(inFile: false);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        CallBack progress = new(() => keys.Rotate(evidence.Signing));
        Assert.Throws<InvalidOperationException>(() => keys.Reseal(KeyEncryptionKey.FromBytes(s_second), progress, Cancel));
        evidence.Check(keys);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Readers_and_writers_go_on_while_the_store_is_resealed(bool inFile)
    {
        // One key is held ready at most, so that records are read all the time.
        KeystoreOptions options = Options();
        options.OpenedKeyLimit = 1;
        using Keystore keys = Create(inFile, options);
        KeyEvidence evidence = new(keys, _time.GetUtcNow());
        using CancellationTokenSource done = new();
        int rounds = 0;
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                evidence.Check(keys);
                Assert.NotEmpty(keys.Attest(evidence.Signing).Json.ToArray());
                Interlocked.Increment(ref rounds);
            }
        }, Cancel))];
        Task writer = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                keys.Disable(evidence.Disabled);
                keys.ChangeKek(KeyEncryptionKey.FromBytes(s_second));
            }
        }, Cancel);
        while (Volatile.Read(ref rounds) < 20 && !Task.WhenAny([.. readers, writer]).IsCompleted)
        {
            keys.Reseal(KeyEncryptionKey.FromBytes(s_second), cancellation: Cancel);
            keys.Compact(cancellation: Cancel);
        }

        await done.CancelAsync();
        await Task.WhenAll([.. readers, writer]);
    }

    /// <summary>Makes it pay to compact.</summary>
    private static void Lengthen(Keystore keys, KeyEvidence evidence)
    {
        for (int i = 0; i < 10; i++)
        {
            keys.Enable(evidence.Disabled);
            keys.Disable(evidence.Disabled);
        }
    }

    /// <summary>Makes a keystore believe that its journal is as long as can be: that much is not written in a test.</summary>
    private static void Fill(Keystore keys)
    {
        const BindingFlags field = BindingFlags.Instance | BindingFlags.NonPublic;
        object core = typeof(Keystore).GetField("_core", field)!.GetValue(keys)!;
        object journal = typeof(KeystoreCore).GetProperty("Journal", field)!.GetValue(core)!;
        object replay = typeof(CustodyJournal).GetField("_replay", field)!.GetValue(journal)!;
        typeof(JournalChain).GetProperty("ValidLength", field)!.SetValue(replay, StoreLimits.JournalLength - 10);
    }

    /// <summary>Another wrapped key in a description, with the sum that anybody can compute and the MAC as it was.</summary>
    private static byte[] WithAnotherWrappedKey(byte[] description)
    {
        string text = Encoding.UTF8.GetString(description);
        JsonElement json = JsonDocument.Parse(text).RootElement;
        string wrapped = json.GetProperty("wrapped_key").GetString()!;
        string sum = json.GetProperty("sum").GetString()!;
        string changed = text.Replace(wrapped, (wrapped[0] == 'A' ? 'B' : 'A') + wrapped[1..], StringComparison.Ordinal);
        string unsummed = changed
            .Replace($"\"mac\":\"{json.GetProperty("mac").GetString()}\",", "", StringComparison.Ordinal)
            .Replace($"\"sum\":\"{sum}\",", "", StringComparison.Ordinal);
        byte[] forged = Encoding.UTF8.GetBytes(changed.Replace(sum, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(unsummed))), StringComparison.Ordinal));
        _ = StoreDescription.Read(forged, "its sum is right");
        return forged;
    }

    private static string Chain(string journal, string? from)
    {
        string? head = from;
        foreach (string line in File.ReadAllLines(journal))
        {
            string prev = JsonDocument.Parse(line).RootElement.GetProperty("prev").GetString()!;
            Assert.Equal(head ?? new string('0', 64), prev);
            head = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(line)));
        }

        return head!;
    }

    private SortedDictionary<string, string> Records()
    {
        string generation = Directory.GetDirectories(Root, "g*").Single();
        return StoreImage.Digests(Path.Combine(generation, "keys"));
    }

    private KeystoreOptions Options() => new() { TimeProvider = _time };

    private Keystore Create(bool inFile, KeystoreOptions? options = null) => inFile
        ? Keystore.OpenOrCreate("file:" + Root, KeyEncryptionKey.FromBytes(s_first), options ?? Options())
        : Keystore.OpenOrCreate(new MemoryStore(), KeyEncryptionKey.FromBytes(s_first), options ?? Options());

    private Keystore Open(byte[] kek) => Keystore.Open("file:" + Root, KeyEncryptionKey.FromBytes(kek), Options());

    private sealed class CancelAfter(int count, CancellationTokenSource source) : IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value)
        {
            if (value.Done == count) source.Cancel();
        }
    }

    /// <summary>The flush of the next generation's journal waits until it is told to go on.</summary>
    private sealed class HaltedFiles : FileOperations, IDisposable
    {
        internal ManualResetEventSlim Reached { get; } = new();

        internal ManualResetEventSlim GoOn { get; } = new();

        public void Dispose()
        {
            Reached.Dispose();
            GoOn.Dispose();
        }

        internal override void Sync(SafeFileHandle file, string path)
        {
            if (path.EndsWith(Path.Combine("g2", "journal.jsonl"), StringComparison.Ordinal))
            {
                Reached.Set();
                GoOn.Wait(Cancel);
            }

            base.Sync(file, path);
        }
    }

    private sealed class CallBack(Action called) : IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value) => called();
    }
}

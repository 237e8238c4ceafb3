using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Maintenance;

/// <summary>Sound stores, checked in their directories.</summary>
public sealed class StoreCheckerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_store_with_a_past_is_sound(bool isAnchored)
    {
        using CheckedStore store = new(isAnchored);
        List<string> before = store.Snapshot();

        StoreReport report = store.Check();
        StoreReport unauthenticated = store.CheckWithoutKek();

        Assert.Equal(before, store.Snapshot());
        Assert.True(report.IsSound && unauthenticated.IsSound, report.ToString() + unauthenticated);
        Assert.Empty(report.Findings);
        Assert.Empty(unauthenticated.Findings);
        Assert.True(report.IsAuthenticated);
        Assert.False(unauthenticated.IsAuthenticated);
        using Keystore keys = store.Open();
        KeystoreHealth health = keys.CheckHealth();
        foreach (StoreReport one in new[] { report, unauthenticated })
        {
            Assert.Equal((health.HeadSeq, health.Head, 3L, 3), (one.HeadSeq, one.Head, one.Generation, one.Generations));
            Assert.Equal((6, 4), (one.KeyVersions, one.Records));
            Assert.Equal(
                Directory.EnumerateFiles(store.Root, "*.jsonl", SearchOption.AllDirectories).Sum(file => File.ReadAllLines(file).Length), one.JournalLines);
            Assert.True(one.Bytes > new FileInfo(store.Journal).Length);
        }
    }

    [Fact]
    public void A_fresh_store_is_sound_and_its_report_is_one_line()
    {
        using TemporaryDirectory directory = new();
        string place = "file:" + directory["store"];
        Keystore.OpenOrCreate(place, KeyEncryptionKey.FromBytes(new byte[32])).Dispose();

        string text = Check(place, KeyEncryptionKey.FromBytes(new byte[32])).ToString();

        Assert.StartsWith($"sound: {place}, damage 0, notices 0; generations 1, journal lines 1, key versions 0, records 0, bytes ", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text);
        Assert.StartsWith("sound (unauthenticated): ", Check(place).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_was_backed_up_restored_and_copied_is_sound_with_its_history_elsewhere()
    {
        using CheckedStore store = new(isAnchored: false);
        string backup = store.Outside("backup");
        using (Keystore keys = store.Open())
        {
            keys.Backup(backup);
            keys.CopyTo("file:" + store.Outside("copy"), store.Kek());
        }

        Keystore.Restore(backup, store.Place, store.Kek()).Dispose();
        Keystore.Restore(backup, "file:" + store.Outside("restored"), store.Kek()).Dispose();

        StoreReport over = store.Check();
        Assert.True(over.IsSound, over.ToString());
        Assert.Empty(over.Findings);
        Assert.Equal(4, over.Generations);
        foreach (string place in new[] { "copy", "restored" })
        {
            StoreReport elsewhere = Check("file:" + store.Outside(place), store.Kek());
            Assert.True(elsewhere.IsSound, elsewhere.ToString());
            Assert.Equal((StoreFindingKind.ArchiveDamaged, false), Assert.Single(elsewhere.Findings.Select(finding => (finding.Kind, finding.IsDamage))));
        }
    }

    [Theory]
    [InlineData("keyfile")]
    [InlineData("passphrase")]
    [InlineData("resealed")]
    public void The_stores_of_the_second_implementation_are_sound(string name)
    {
        using TemporaryDirectory directory = new();
        string root = StoreImage.Copy(Path.Combine(OwnVectors.Folder, "stores", name), directory["store"]);
        KeyEncryptionKey kek = name == "passphrase"
            ? KeyEncryptionKey.FromPassphraseFile(StoreImage.CopyFile(Path.Combine(OwnVectors.Folder, "stores", "passphrase.txt"), directory["kek"]))
            : KeyEncryptionKey.FromFile(StoreImage.CopyFile(Path.Combine(OwnVectors.Folder, "stores", name + ".kek"), directory["kek"]));

        StoreReport report = Check("file:" + root, kek);

        Assert.True(report.IsSound, report.ToString());
        Assert.All(report.Findings, finding => Assert.Equal(StoreFindingKind.NotChecked, finding.Kind));
        Assert.True(Check("file:" + root).IsSound);
    }

    [Fact]
    public void A_store_that_somebody_has_open_is_checked_and_the_report_says_so()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux lists who holds a lock");
        using CheckedStore store = new();
        using Keystore keys = store.Open();

        StoreReport report = store.Check();

        Assert.True(report.IsSound, report.ToString());
        Assert.Equal(StoreFindingKind.InMotion, Assert.Single(report.Findings).Kind);
        Assert.Contains("this process", report.Findings[0].Found, StringComparison.Ordinal);
        keys.Create("acme", "goes-on", KeyAlgorithm.Ed25519);
    }

    [Fact]
    public void What_changes_meanwhile_is_told()
    {
        using CheckedStore store = new();
        Keystore? keys = null;
        StoreReport report = Check(store.Place, store.Kek(), store.Options, new CallBack(progress =>
        {
            if (progress.Done == 2)
            {
                keys = store.Open();
                keys.Create("acme", "meanwhile", KeyAlgorithm.Ed25519);
            }
        }));
        keys!.Dispose();

        Assert.True(report.IsSound, report.ToString());
        Assert.Contains(report.Findings, finding => finding.Kind == StoreFindingKind.InMotion);
    }

    [Fact]
    public void An_algorithm_that_nothing_provides_is_a_notice()
    {
        using CheckedStore store = new();
        KeystoreOptions options = store.Options;
        options.Backend = new BackendOfNothing();

        StoreReport report = Check(store.Place, store.Kek(), options);

        Assert.True(report.IsSound, report.ToString());
        Assert.Equal(4, report.Findings.Count(finding => finding.Kind == StoreFindingKind.NotChecked));
        Assert.Equal(4, report.Findings.Count);
    }

    [Fact]
    public void An_anchor_that_is_not_given_is_a_notice()
    {
        using CheckedStore store = new();

        StoreReport report = Check(store.Place, store.Kek());

        Assert.True(report.IsSound, report.ToString());
        Assert.Equal(StoreFindingKind.NotChecked, Assert.Single(report.Findings).Kind);
    }

    [Fact]
    public void Where_there_is_no_store_there_is_nothing_to_report()
    {
        using TemporaryDirectory directory = new();
        Assert.Equal(KmsError.StoreNotFound, Assert.Throws<KmsException>(() => Check("file:" + directory.Path)).Error);
        Assert.Equal(KmsError.StoreNotFound, Assert.Throws<KmsException>(() => Check("file:" + directory["none"])).Error);
        Assert.Throws<ArgumentException>(() => Check("memory:"));
        Assert.Throws<ArgumentException>(() => Check(directory.Path));

        using KeyEncryptionKey kek = KeyEncryptionKey.Ephemeral();
        Assert.Throws<KmsException>(() => Check("file:" + directory["none"], kek));
        Assert.Throws<ObjectDisposedException>(kek.RequireUsable);
    }

    [Fact]
    public void It_can_be_cancelled_and_tells_how_far_it_is()
    {
        using CheckedStore store = new();
        List<MaintenanceProgress> told = [];
        Check(store.Place, store.Kek(), store.Options, new CallBack(told.Add));
        Assert.Equal(Enumerable.Range(0, 7).Select(done => new MaintenanceProgress(done, 6)), told);

        List<string> before = store.Snapshot();
        using CancellationTokenSource source = new();
        int calls = 0;
        Assert.Throws<OperationCanceledException>(() => Check(
            store.Place,
            store.Kek(),
            store.Options,
            new CallBack(progress =>
            {
                calls++;
                if (progress.Done == 3) source.Cancel();
            }),
            source.Token));
        Assert.Equal(4, calls);
        Assert.Equal(before, store.Snapshot());
    }

    private static StoreReport Check(
        string place, KeyEncryptionKey? kek = null, KeystoreOptions? options = null, IProgress<MaintenanceProgress>? progress = null, CancellationToken? cancellation = null) =>
        StoreChecker.Check(place, kek, options, progress, cancellation ?? TestContext.Current.CancellationToken);

    private sealed class BackendOfNothing : KeyBackend
    {
        public override string Name => "nothing";

        public override bool Supports(KeyAlgorithm algorithm) => false;

        public override GeneratedKey Generate(KeyAlgorithm algorithm) => throw Unavailable();

        public override GeneratedKey? Import(KeyAlgorithm algorithm, ReadOnlySpan<byte> secret) => throw Unavailable();

        public override OpenedKey? Open(in RecordBody body, ReadOnlySpan<byte> publicKey) => throw Unavailable();

        private static KmsException Unavailable() => new(KmsError.AlgUnavailable, "Nothing is available here.");
    }

    internal sealed class CallBack(Action<MaintenanceProgress> called) : IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value) => called(value);
    }
}

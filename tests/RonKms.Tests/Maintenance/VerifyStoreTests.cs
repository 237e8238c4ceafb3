using RonKms.Storage;

namespace RonKms.Tests.Maintenance;

/// <summary>Checking the store of an open keystore.</summary>
public sealed class VerifyStoreTests
{
    [Fact]
    public void A_sound_store_is_sound_and_goes_on()
    {
        using CheckedStore store = new();
        using Keystore keys = store.Open();
        KeystoreHealth health = keys.CheckHealth();

        StoreReport report = keys.VerifyStore(null, TestContext.Current.CancellationToken);

        Assert.True(report.IsSound, report.ToString());
        Assert.Empty(report.Findings);
        Assert.Equal((health.HeadSeq, health.Head, true, 6L, 4L), (report.HeadSeq, report.Head, report.IsAuthenticated, report.KeyVersions, report.Records));
        keys.Rotate(store.Signing);
    }

    [Fact]
    public void So_is_one_in_memory()
    {
        using Keystore keys = Keystore.InMemory();
        keys.Create("acme", "signing", KeyAlgorithm.P256);
        keys.Destroy(keys.Create("acme", "old", KeyAlgorithm.HmacSha256));

        StoreReport report = keys.VerifyStore(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Empty(report.Findings);
        Assert.StartsWith("sound: memory:, damage 0, notices 0; generations 1, journal lines 4, key versions 2, records 1, ", report.ToString(), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => ((Keystore)keys.ForCaller("me")).VerifyStore(null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_is_damaged_under_it_is_found_and_the_keys_go_on()
    {
        using CheckedStore store = new();
        using Keystore keys = store.Open();
        StoreImage.Write(store.RecordOf(store.Signing), "x"u8);
        File.Delete(store.RecordOf(store.Rotated));
        File.Delete(store.RemainsOf(store.Destroyed));
        StoreImage.CopyFile(store["archive", "g1.jsonl"], store["store.json"]);
        StoreImage.CopyFile(store.RecordOf(store.Wrapping), store.RecordOf(KeyId.Parse(store.Wrapping.ToString().Replace("#v1", "#v77", StringComparison.Ordinal))));
        byte[] journal = File.ReadAllBytes(store.Journal);
        journal[^20] ^= 1;
        File.WriteAllBytes(store.Journal, journal);
        File.Delete(Directory.EnumerateFiles(store.Anchor!.Directory, "*.json").Single());

        StoreReport report = keys.VerifyStore(null, TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                (StoreFindingKind.JournalDamaged, true, null),
                (StoreFindingKind.DescriptionDamaged, true, null),
                (StoreFindingKind.Rollback, true, null),
                (StoreFindingKind.RecordDamaged, true, store.Signing),
                (StoreFindingKind.RecordDamaged, true, store.Rotated),
                (StoreFindingKind.RemainsDamaged, false, store.Destroyed),
                (StoreFindingKind.Orphan, false, (KeyId?)null),
            ],
            report.Findings.Select(finding => (finding.Kind, finding.IsDamage, finding.Key)));
        Assert.False(report.IsSound);
    }

    [Fact]
    public void Beside_a_busy_writer_there_is_no_false_alarm()
    {
        using CheckedStore store = new();
        using Keystore keys = store.Open();
        List<KeyId> made = [.. Enumerable.Range(0, 60).Select(i => keys.Create("acme", "busy", i % 2 == 0 ? KeyAlgorithm.Ed25519 : KeyAlgorithm.Aes256Gcm))];
        using CancellationTokenSource enough = new();
        Exception? failure = null;
        Thread writer = new(() =>
        {
            try
            {
                for (int i = 0; !enough.IsCancellationRequested; i++)
                {
                    KeyId key = made[i % made.Count];
                    switch (i % 7)
                    {
                        case 0: keys.DestroyAllVersions(key); made[i % made.Count] = keys.Create("acme", "busy", KeyAlgorithm.Ed25519); break;
                        case 1: made.Add(keys.Create("acme", "busy", KeyAlgorithm.X25519)); break;
                        case 2: made[i % made.Count] = keys.Rotate(key.Latest); break;
                        case 3: keys.Disable(key); keys.Enable(key); break;
                        case 4 when i % 20 == 4: keys.ChangeKek(store.Kek()); break;
                        case 5 when i % 30 == 5: keys.Reseal(store.Kek()); break;
                        default: keys.Compact(); break;
                    }
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        writer.Start();
        long began = Environment.TickCount64;
        int checks = 0;
        HashSet<long> generations = [];

        // Four seconds, or as long as a busy machine takes to come by enough of both.
        try
        {
            while (Volatile.Read(ref failure) is null && (Environment.TickCount64 - began < 4_000 || checks <= 5 || generations.Count <= 1))
            {
                StoreReport report = keys.VerifyStore(null, TestContext.Current.CancellationToken);
                Assert.True(report.Findings.Count == 0, report.ToString());
                generations.Add(report.Generation);
                checks++;
            }
        }
        finally
        {
            enough.Cancel();
            writer.Join();
        }

        Assert.Null(failure);
        Assert.Empty(keys.VerifyStore(null, TestContext.Current.CancellationToken).Findings);
    }

    [Fact]
    public void A_store_that_is_only_read_is_checked_beside_its_writer()
    {
        using CheckedStore store = new(isAnchored: false);
        using Keystore writer = store.Open();
        using Keystore reader = Keystore.Open(FileStore.Open(store.Root, new FileStoreOptions { ReadOnly = true }), store.Kek());
        Assert.Empty(reader.VerifyStore(null, TestContext.Current.CancellationToken).Findings);

        // Not known to the reader yet.
        writer.Destroy(store.Signing);
        KeyId added = writer.Create("acme", "added", KeyAlgorithm.Ed25519);
        StoreReport report = reader.VerifyStore(null, TestContext.Current.CancellationToken);

        Assert.True(report.Findings.Count == 0, report.ToString());
        Assert.Equal(KeyState.Destroyed, reader.Get(store.Signing).State);
        File.Delete(store.RecordOf(added));
        Assert.Equal(added, Assert.Single(reader.VerifyStore(null, TestContext.Current.CancellationToken).Findings).Key);
    }

    [Fact]
    public void It_can_be_cancelled_and_tells_how_far_it_is()
    {
        using CheckedStore store = new();
        using Keystore keys = store.Open();
        List<MaintenanceProgress> told = [];
        keys.VerifyStore(new StoreCheckerTests.CallBack(told.Add), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 7).Select(done => new MaintenanceProgress(done, 6)), told);

        using CancellationTokenSource source = new();
        int calls = 0;
        Assert.Throws<OperationCanceledException>(() => keys.VerifyStore(
            new StoreCheckerTests.CallBack(progress =>
            {
                calls++;
                if (progress.Done == 3) source.Cancel();
            }),
            source.Token));
        Assert.Equal(4, calls);
    }

    [Fact]
    public void What_is_changed_while_it_walks_is_judged_as_it_is_then()
    {
        using CheckedStore store = new();
        using Keystore keys = store.Open();
        StoreReport report = keys.VerifyStore(
            new StoreCheckerTests.CallBack(progress =>
            {
                if (progress.Done == 0)
                {
                    keys.Destroy(store.Signing);
                    keys.Reseal(store.Kek());
                    keys.Create("acme", "meanwhile", KeyAlgorithm.Ed25519);
                }
            }),
            TestContext.Current.CancellationToken);

        Assert.Empty(report.Findings);
        Assert.Equal(3, report.Generation);
        Assert.Throws<ObjectDisposedException>(() => keys.VerifyStore(
            new StoreCheckerTests.CallBack(_ => keys.Dispose()), TestContext.Current.CancellationToken));
    }
}

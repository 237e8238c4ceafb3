using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Testing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Maintenance;

/// <summary>Lets each file operation of a change of the whole store fail in turn, in each way: what is found afterwards is the old or the new.</summary>
public sealed class MaintenanceFaultTests : IDisposable
{
    private static readonly byte[] s_old = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] s_new = [.. Enumerable.Repeat((byte)2, 32)];

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly ManualTimeProvider _time = new();
    private readonly KeyEvidence _evidence;

    public MaintenanceFaultTests()
    {
        using Keystore keys = Keystore.OpenOrCreate("file:" + Image, KeyEncryptionKey.FromBytes(s_old), Options());
        _evidence = new KeyEvidence(keys, _time.GetUtcNow());
        for (int i = 0; i < 10; i++)
        {
            keys.Enable(_evidence.Disabled);
            keys.Disable(_evidence.Disabled);
        }
    }

    public static TheoryData<Fault> Faults => [.. Enum.GetValues<Fault>()];

    private string Image => _directory["image"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_change_of_kek_that_fails_leaves_the_old_or_the_new(Fault fault) =>
        FailEach(fault, keys => keys.ChangeKek(KeyEncryptionKey.FromBytes(s_new)), changesKek: true, minimum: 12);

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_reseal_that_fails_leaves_the_old_or_the_new(Fault fault) =>
        FailEach(fault, keys => keys.Reseal(KeyEncryptionKey.FromBytes(s_new), cancellation: Cancel), changesKek: true, minimum: 100);

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_compaction_that_fails_leaves_the_old_or_the_new(Fault fault) =>
        FailEach(fault, keys => Assert.True(keys.Compact(cancellation: Cancel)), changesKek: false, minimum: 100);

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_restore_that_fails_leaves_the_old_or_the_new(Fault fault)
    {
        using MemoryStream backup = new();
        using (Keystore keys = Keystore.Open("file:" + Image, KeyEncryptionKey.FromBytes(s_old), Options())) keys.Backup(backup);
        for (int failing = 1; ; failing++)
        {
            using TemporaryDirectory directory = TemporaryDirectory.InMemory();
            string root = StoreImage.Copy(Image, directory["store"]);
            FaultyFiles files = new(failing, fault) { IsArmed = false };
            FileStore store = FileStore.Open(root, FileStores.Existing, files);
            files.IsArmed = true;
            backup.Position = 0;
            try
            {
                Keystore.Restore(backup, store, KeyEncryptionKey.FromBytes(s_old), Options()).Dispose();
            }
            catch (KmsException failure)
            {
                Assert.Equal(KmsError.StoreFailed, failure.Error);
            }

            try
            {
                Check(root, hasSucceeded: false, changesKek: false);
            }
            catch (Exception unexpected)
            {
                Assert.Fail($"Operation {failing} ({files.Failed}), {fault}: {unexpected}");
            }

            if (!files.HasFailed)
            {
                Assert.True(failing > 100, $"Only {failing} operations were seen.");
                return;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_restore_into_an_empty_place_that_fails_can_be_done_again(Fault fault)
    {
        using MemoryStream backup = new();
        using (Keystore keys = Keystore.Open("file:" + Image, KeyEncryptionKey.FromBytes(s_old), Options())) keys.Backup(backup);
        for (int failing = 1; ; failing++)
        {
            using TemporaryDirectory directory = TemporaryDirectory.InMemory();
            string root = directory["store"];
            FaultyFiles files = new(failing, fault) { IsArmed = false };
            FileStore store = FileStore.Open(root, FileStores.Creating, files, forRestore: true);
            files.IsArmed = true;
            backup.Position = 0;
            try
            {
                Keystore.Restore(backup, store, KeyEncryptionKey.FromBytes(s_old), Options()).Dispose();
            }
            catch (KmsException failure)
            {
                Assert.Equal(KmsError.StoreFailed, failure.Error);
            }

            bool isThere = File.Exists(Path.Combine(root, "store.json"));
            backup.Position = 0;
            using (Keystore keys = isThere
                ? Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(s_old), Options())
                : Keystore.Restore(backup, FileStore.Open(root, FileStores.Creating, new FileOperations(), forRestore: true), KeyEncryptionKey.FromBytes(s_old), Options()))
            {
                Assert.Equal(_evidence.Count, keys.List(new KeyFilter { AllVersions = true }).Count);
                keys.Enable(_evidence.Signing);
                _ = keys.Sign(_evidence.Signing, "m"u8);
            }

            if (!files.HasFailed)
            {
                Assert.True(failing > 50, $"Only {failing} operations were seen.");
                return;
            }
        }
    }

    private void FailEach(Fault fault, Action<Keystore> act, bool changesKek, int minimum)
    {
        for (int failing = 1; ; failing++)
        {
            using TemporaryDirectory directory = TemporaryDirectory.InMemory();
            string root = StoreImage.Copy(Image, directory["store"]);
            FaultyFiles files = new(failing, fault) { IsArmed = false };
            KmsException? failure = null;
            try
            {
                failure = Act(root, files, act);
                Check(root, failure is null, changesKek);
            }
            catch (Exception unexpected) when (unexpected is not KmsException { Error: KmsError.Internal })
            {
                Assert.Fail($"Operation {failing} ({files.Failed}), {fault}: {unexpected}");
            }

            if (!files.HasFailed)
            {
                Assert.Null(failure);
                Assert.True(failing > minimum, $"Only {failing} operations were seen.");
                return;
            }
        }
    }

    private KmsException? Act(string root, FaultyFiles files, Action<Keystore> act)
    {
        using Keystore keys = Keystore.Open(FileStore.Open(root, FileStores.Existing, files), KeyEncryptionKey.FromBytes(s_old), Options());
        files.IsArmed = true;
        try
        {
            act(keys);
            return null;
        }
        catch (KmsException failure)
        {
            Assert.Equal(KmsError.StoreFailed, failure.Error);
            files.IsArmed = false;

            // Readers are not concerned; a writer goes on or is told to reopen the store.
            if (!files.IsCrash) _evidence.Check(keys);
            return failure;
        }
        finally
        {
            files.IsArmed = true;
        }
    }

    private void Check(string root, bool hasSucceeded, bool changesKek)
    {
        byte[] kek = s_old;
        if (changesKek)
        {
            Assert.True((!hasSucceeded && Opens(root, s_old)) || Opens(root, s_new), "Neither key-encryption key opens the store.");

            // Whichever it was, the open brought the change to an end.
            kek = Opens(root, s_old) ? s_old : s_new;
            Assert.NotEqual(Opens(root, s_old), Opens(root, s_new));
        }

        using (Keystore keys = Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(kek), Options()))
        {
            _evidence.Check(keys);
            keys.Rotate(_evidence.Wrapping);
        }

        using (Keystore keys = Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(kek), Options())) _evidence.CheckDisabledKey(keys);

        string generation = Path.GetFileName(Directory.GetDirectories(root, "g*").Single());
        Assert.Equal(generation != "g1", File.Exists(Path.Combine(root, "archive", "g1.jsonl")));
        Assert.DoesNotContain(Directory.GetFiles(root), file => Path.GetFileName(file).StartsWith("store.json.", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(Path.Combine(root, generation), "*.tmp", SearchOption.AllDirectories));
        Assert.DoesNotContain(
            Directory.Exists(Path.Combine(root, "lost")) ? Directory.GetFiles(Path.Combine(root, "lost"), "*", SearchOption.AllDirectories) : [],
            file => file.Contains(".ronk", StringComparison.Ordinal));
    }

    private bool Opens(string root, byte[] kek)
    {
        try
        {
            using Keystore keys = Keystore.Open("file:" + root, KeyEncryptionKey.FromBytes(kek), Options());
            _evidence.Check(keys);
            return true;
        }
        catch (KmsException wrong) when (wrong.Error == KmsError.WrongKek)
        {
            return false;
        }
    }

    private KeystoreOptions Options() => new() { TimeProvider = _time };
}

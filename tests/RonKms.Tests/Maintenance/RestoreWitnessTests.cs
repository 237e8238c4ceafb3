using System.Runtime.Versioning;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Maintenance;

/// <summary>What a restore believes of what lies in place: nothing that an attempt left which was cut short, and no day before the backup.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RestoreWitnessTests : IDisposable
{
    private static readonly byte[] s_kek = [.. Enumerable.Repeat((byte)1, 32)];

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();
    private readonly MemoryStream _backup = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_restore_that_was_cut_short_anywhere_and_is_done_again_revives_nothing(bool isPlaceEmpty)
    {
        string image = _directory["image"];
        KeyId destroyed, disabled, later;
        using (Keystore keys = Keystore.OpenOrCreate("file:" + image, Kek(), Options()))
        {
            destroyed = keys.Create("acme", "destroyed", KeyAlgorithm.Ed25519);
            disabled = keys.Create("acme", "disabled", KeyAlgorithm.Ed25519);
            for (int i = 0; i < 3; i++) keys.Create("acme", "other", KeyAlgorithm.Ed25519);
            keys.Backup(_backup);
            keys.Destroy(destroyed);
            keys.Disable(disabled);
            later = keys.Create("acme", "later", KeyAlgorithm.Ed25519);
        }

        File.Delete(Path.Combine(image, "store.json"));
        int cut = 0;
        for (int failing = 1; ; failing++)
        {
            string root = _directory[$"store{failing}"];
            if (!isPlaceEmpty) StoreImage.Copy(image, root);
            FaultyFiles files = new(failing, Fault.CrashBefore) { IsArmed = false };
            FileStore store = FileStore.Open(root, FileStores.Creating, files, forRestore: true);
            files.IsArmed = true;
            try
            {
                Restore(store).Dispose();
            }
            catch (KmsException)
            {
                // Cut short.
            }

            store.Dispose();
            if (!files.HasFailed) break;

            if (!File.Exists(Path.Combine(root, "store.json")))
            {
                cut++;
                using Keystore keys = Restore(FileStore.Open(root, FileStores.Creating, new FileOperations(), forRestore: true));
                Assert.NotEqual(KeyState.Enabled, keys.Get(disabled).State);
                Assert.Equal(isPlaceEmpty ? KeyState.Disabled : KeyState.Destroyed, keys.Get(destroyed).State);
                if (!isPlaceEmpty) Assert.NotEqual(KeyState.Destroyed, keys.Get(later).State);
            }

            Directory.Delete(root, recursive: true);
        }

        Assert.True(cut > 10, $"{cut} of them were cut short before they counted");
    }

    [Fact]
    public void A_place_that_is_older_than_the_backup_is_no_witness()
    {
        string root = _directory["store"];
        string old = _directory["old"];
        KeyId rotated, destroyed, second;
        using (Keystore keys = Keystore.OpenOrCreate("file:" + root, Kek(), Options()))
        {
            rotated = keys.Create("acme", "rotated", KeyAlgorithm.Ed25519);
            destroyed = keys.Create("acme", "destroyed", KeyAlgorithm.Ed25519);
        }

        StoreImage.Copy(root, old);
        using (Keystore keys = Keystore.Open("file:" + root, Kek(), Options()))
        {
            keys.Disable(rotated);
            keys.Enable(rotated);
            keys.Backup(_backup);
            second = keys.Rotate(rotated);
            keys.Destroy(destroyed);
        }

        Directory.Delete(root, recursive: true);
        Directory.Move(old, root);
        using Keystore restored = Restore(FileStore.Open(root, FileStores.Creating, new FileOperations(), forRestore: true));
        Assert.Equal(KeyState.Disabled, restored.Get(destroyed).State);
        Assert.NotEqual(second, restored.Rotate(rotated.Latest));
    }

    private static KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(s_kek);

    private static KeystoreOptions Options() => new() { Metrics = false, LockTimeout = TimeSpan.Zero };

    private Keystore Restore(FileStore store)
    {
        _backup.Position = 0;
        return Keystore.Restore(_backup, store, Kek(), Options());
    }
}

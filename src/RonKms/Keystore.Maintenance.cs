using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RonKms.Backends;
using RonKms.Custody;
using RonKms.Diagnostics;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms;

/// <content>What changes the store as a whole. Not for callers' views.</content>
public sealed partial class Keystore
{
    /// <summary>Wraps the store's key under another key-encryption key, of any kind. From then on the old one gives <see cref="KmsError.WrongKek"/>.</summary>
    /// <remarks>
    /// Records are not touched, and keys in use stay in use. A crash leaves a store that opens with the old key, the new one, or either; the next
    /// open brings the change to an end.
    /// This takes nothing away from whoever has the old key-encryption key and an old copy of the store: they have the store's key, which stays
    /// the same. Where the old one leaked, use <see cref="Reseal"/>. Source: docs/formats/ronk-v1.md, section 2.
    /// </remarks>
    /// <param name="next">The new key-encryption key; it is disposed, also when this throws.</param>
    /// <exception cref="InvalidOperationException">This is a caller's view.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: the outcome is unknown until the store is reopened, with either key.</exception>
    public void ChangeKek(KeyEncryptionKey next)
    {
        ArgumentNullException.ThrowIfNull(next);
        using (next)
        {
            Maintenance().ChangeKek(next);
        }
    }

    /// <summary>Seals every record anew under a new store key, and erases the old ones.</summary>
    /// <remarks>
    /// This is what takes a store away from somebody who has an old copy of it and the key-encryption key of then: give a new key-encryption key.
    /// Records go one by one, so that no more than one secret lies open at a time. Readers go on meanwhile; whoever writes waits. A crash, a
    /// cancellation or a failure leaves the store as it was or resealed. Copies elsewhere, such as backups and snapshots, stay as they
    /// are. <see cref="KeyInfo.IsImported"/> is forgotten. Source: docs/formats/ronk-v1.md, section 2.
    /// </remarks>
    /// <param name="kek">The key-encryption key that the store opens with from then on, the same as before or another; it is disposed, also when
    /// this throws.</param>
    /// <param name="progress">Told how many key versions are done; on this thread, and it must not change the keystore.</param>
    /// <param name="cancellation">Stops it; nothing is changed then.</param>
    /// <exception cref="InvalidOperationException">This is a caller's view.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: a record is damaged, and nothing was changed: restore or destroy that
    /// version first. <see cref="KmsError.AlgUnavailable"/>: there is a key whose algorithm nothing here provides. <see cref="KmsError.StoreFailed"/>.</exception>
    public void Reseal(KeyEncryptionKey kek, IProgress<MaintenanceProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(kek);
        using (kek)
        {
            Maintenance().Reseal(kek, progress, cancellation);
        }
    }

    /// <summary>Shortens the journal to a line a key version, where that leaves half of it or less.</summary>
    /// <remarks>Records stay as they are. What the journal told before is kept in the store's <c>archive/</c>. Otherwise as <see cref="Reseal"/>.</remarks>
    /// <param name="progress">Told how many key versions are done; on this thread, and it must not change the keystore.</param>
    /// <param name="cancellation">Stops it; nothing is changed then.</param>
    /// <returns>Whether it was done; <see langword="false"/> where it does not pay.</returns>
    /// <exception cref="InvalidOperationException">This is a caller's view.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: a record is damaged, and nothing was changed.
    /// <see cref="KmsError.StoreFailed"/>.</exception>
    public bool Compact(IProgress<MaintenanceProgress>? progress = null, CancellationToken cancellation = default) =>
        Maintenance().Compact(progress, cancellation);

    /// <summary>Checks everything that lies in the store: its description, every journal line, every record with the secret in it, and the anchor.</summary>
    /// <remarks>
    /// Readers go on, and so do writers, but for the moment in which the journal is read. What is changed meanwhile is judged as it is then, and what
    /// seems wrong is looked at once more while no writer has a turn; a reseal that is under way is waited for. Records are opened one by one, so that
    /// no more than one secret lies open at a time; the journal is held whole. Key versions made after the call began are not looked at. It changes nothing, and closes nothing that it finds damaged.
    /// Of a directory <see cref="StoreChecker"/> looks at more: files that are no part of it, permissions, the journals of earlier generations.
    /// </remarks>
    /// <param name="progress">Told how many key versions are done, from 0 to all; on this thread.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The report. Whatever is wrong with the store is a finding in it.</returns>
    /// <exception cref="InvalidOperationException">This is a caller's view, or the store is only read: there <see cref="StoreChecker"/> checks it.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public StoreReport VerifyStore(IProgress<MaintenanceProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Maintenance().Verify(progress, cancellationToken);

    /// <summary>Writes a backup of the store: one file's worth of bytes, sealed and authenticated, that <see cref="Restore(string, string, KeyEncryptionKey, KeystoreOptions?, KeyEncryptionKey?)"/> reads.</summary>
    /// <remarks>Whatever was acknowledged before the call is in it. Readers and writers go on meanwhile. Opening it takes the key-encryption key of
    /// this moment. Source: docs/formats/ronk-backup-v1.md.</remarks>
    /// <param name="destination">Where to; the caller disposes it, and makes it durable.</param>
    /// <exception cref="InvalidOperationException">This is a caller's view.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: a record is damaged: restore or destroy that version first.
    /// <see cref="KmsError.StoreFailed"/>.</exception>
    public void Backup(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Maintenance().Backup(destination);
    }

    /// <summary>Writes a backup of the store to a new private file, durably.</summary>
    /// <inheritdoc cref="Backup(Stream)"/>
    /// <param name="path">The file; nothing may lie there.</param>
    public void Backup(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        StoreMaintenance maintenance = Maintenance();
        BackupFile.Create(new FileOperations(), path, maintenance.Backup);
    }

    /// <summary>Restores a backup, into an empty place or over the store that it was made of, and opens the result.</summary>
    /// <remarks>
    /// The result is a new generation; until it counts, what lay there stays. Where the journal that is replaced can be read, its destroyed and
    /// disabled keys stay so, and keys made since the backup are kept with the records that are there. Where there is none to read, or the anchor
    /// given does not vouch for its end (<see cref="KmsError.Rollback"/>, or a new anchor in place of a lost one), keys start disabled, since any of them may have been destroyed after the backup, and the next version of each is at least 1,000 higher; what
    /// could not be read is moved to <c>lost/</c>; versions that any line there which can be authenticated says are destroyed stay so. No change of the
    /// key-encryption key since the backup is undone, and no reseal where the store's description is whole.
    /// Source: docs/formats/ronk-v1.md, sections 2 and 3.
    /// </remarks>
    /// <param name="backupPath">The backup, a file of mode 0600.</param>
    /// <param name="place">As for <see cref="Open(string, KeyEncryptionKey, KeystoreOptions?)"/>.</param>
    /// <param name="kek">The key-encryption key of the store that lies there, and of the result; the keystore takes ownership.</param>
    /// <param name="options">What the result is opened with.</param>
    /// <param name="backupKek">What the backup was made under, where that is another than the store's; it is disposed, also when this throws.</param>
    /// <returns>The keystore; the caller disposes it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.StoreNotFound"/>: there is no such backup; <see cref="KmsError.SealedCorrupt"/>: it is
    /// damaged, or a later generation lies there than the description names; <see cref="KmsError.WrongKek"/>; <see cref="KmsError.Denied"/>: another
    /// store lies there; and as for opening. Nothing was changed.</exception>
    public static Keystore Restore(
        string backupPath, string place, KeyEncryptionKey kek, KeystoreOptions? options = null, KeyEncryptionKey? backupKek = null)
    {
        using KeyEncryptionKey? ofBackup = backupKek;
        ArgumentException.ThrowIfNullOrEmpty(backupPath);
        ArgumentException.ThrowIfNullOrEmpty(place);
        return OpenAfter(checkedOptions => StorePlace.Open(place, create: true, checkedOptions, forRestore: true), place, kek, options, (restore, nowMs) =>
        {
            using FileStream source = BackupFile.Open(backupPath);
            restore.Restore(new BackupReader(source, backupPath), ofBackup, nowMs);
        });
    }

    /// <summary>Restores a backup into a store of any kind, which is empty or the one that it was made of, and opens the result.</summary>
    /// <inheritdoc cref="Restore(string, string, KeyEncryptionKey, KeystoreOptions?, KeyEncryptionKey?)"/>
    /// <param name="backup">The backup, from its position to its end; it can seek, and stays the caller's.</param>
    /// <param name="store">Where it goes; the keystore takes ownership, also when this throws.</param>
    /// <param name="kek">The key-encryption key of the store that lies there, and of the result; the keystore takes ownership.</param>
    /// <param name="options">What the result is opened with.</param>
    /// <param name="backupKek">What the backup was made under, where that is another than the store's; it is disposed, also when this throws.</param>
    public static Keystore Restore(
        Stream backup, ISealedStore store, KeyEncryptionKey kek, KeystoreOptions? options = null, KeyEncryptionKey? backupKek = null)
    {
        using KeyEncryptionKey? ofBackup = backupKek;
        ArgumentNullException.ThrowIfNull(backup);
        ArgumentNullException.ThrowIfNull(store);
        try
        {
            return OpenAfter(
                _ => store, store.Location, kek, options, (restore, nowMs) => restore.Restore(new BackupReader(backup, "given"), ofBackup, nowMs));
        }
        catch
        {
            // Also where the options are refused before anything is asked of it.
            store.Dispose();
            throw;
        }
    }

    /// <summary>Accepts a store as it lies there, although it is older than it should be or its parts are from different days (<see cref="KmsError.Rollback"/>),
    /// and opens it. An operator's decision, which the journal keeps.</summary>
    /// <remarks>As after a restore whose replaced journal could not be read, keys start disabled, and the next version of each is at least 1,000
    /// higher: what was destroyed or issued since is not known.</remarks>
    /// <param name="place">As for <see cref="Open(string, KeyEncryptionKey, KeystoreOptions?)"/>.</param>
    /// <param name="kek">The key-encryption key of the store.json that lies there; the keystore takes ownership.</param>
    /// <param name="options">What the result is opened with.</param>
    /// <returns>The keystore; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">The store opens as it is, and there is nothing to restore. Nothing was changed.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>: the journal is damaged; and as for opening. Nothing was changed.</exception>
    public static Keystore RestoreInPlace(string place, KeyEncryptionKey kek, KeystoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(place);
        return OpenAfter(
            checkedOptions => StorePlace.Open(place, create: false, checkedOptions), place, kek, options, (restore, nowMs) => restore.Accept(nowMs));
    }

    /// <summary>Copies the store to an empty place, all its keys as they are, under a key-encryption key of its own.</summary>
    /// <remarks>Two live copies are two stores that know nothing of each other's changes: dispose this keystore and use the copy alone. Compare
    /// <see cref="ComputeInventory"/> of both before the original is removed. The copy has no rollback anchor: <see cref="AttachAnchor"/> gives it one.</remarks>
    /// <param name="place">As for <see cref="Open(string, KeyEncryptionKey, KeystoreOptions?)"/>; it holds no store.</param>
    /// <param name="kek">The key-encryption key that the copy opens with; it is disposed, also when this throws.</param>
    /// <exception cref="InvalidOperationException">This is a caller's view.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: the place holds a store already, or cannot be written;
    /// <see cref="KmsError.SealedCorrupt"/>: a record is damaged.</exception>
    public void CopyTo(string place, KeyEncryptionKey kek)
    {
        ArgumentException.ThrowIfNullOrEmpty(place);
        ArgumentNullException.ThrowIfNull(kek);
        using (kek)
        {
            StoreMaintenance maintenance = Maintenance();
            using ISealedStore target = StorePlace.Open(place, create: true, _core.Options);
            maintenance.CopyTo(target, kek);
        }
    }

    /// <summary>A digest over all that is known of every key version: name, state, end, public key, labels. Equal for two stores that hold the same keys in the same states.</summary>
    /// <returns>SHA-256, 64 hex digits.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.StoreFailed"/>.</exception>
    public string ComputeInventory()
    {
        _core.RequireFresh();
        CanonicalJson json = new();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (KeyVersion version in _core.Journal.Directory.Keys
            .SelectMany(entry => entry.Versions.ToArray())
            .OrderBy(version => version.Id.ToString(), StringComparer.Ordinal))
        {
            json.Clear();
            json.BeginObject();
            json.Member("kid"u8, version.Id.ToString());
            json.Name("labels"u8);
            json.BeginObject();
            foreach ((string name, string value) in version.Labels)
            {
                json.Member(Encoding.UTF8.GetBytes(name), value);
            }

            json.EndObject();
            json.Member("not_after_ms"u8, version.NotAfterMs);
            if (version.PublicKeyDigest is { } digest)
            {
                json.HexMember("public"u8, digest.Span);
            }

            json.Member("state"u8, JournalNames.Of(version.State));
            json.EndObject();
            hash.AppendData(json.Written);
            hash.AppendData("\n"u8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Keystore OpenAfter(
        Func<KeystoreOptions, ISealedStore> open, string place, KeyEncryptionKey kek, KeystoreOptions? options, Action<StoreRestore, long> restore)
    {
        ArgumentNullException.ThrowIfNull(kek);
        ISealedStore? store = null;
        try
        {
            options = (options ?? new KeystoreOptions()).Checked();
            RequireVolatile(options, StorePlace.IsVolatile(place), place);
            RequireAnchorFits(options.Anchor, StorePlace.IsVolatile(place), place);
            store = open(options);
            using StoreRestore work = new(store, kek, options.Anchor, options.Backend ?? new SoftwareBackend(options.Algorithms));
            restore(work, options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds());
            IsolatedLogger logger = new(options.LoggerFactory?.CreateLogger("RonKms") ?? NullLogger.Instance);
            foreach (KeyId damaged in work.Damaged)
            {
                KmsLog.NotRestored(logger, damaged, store.Location);
            }

            KmsLog.Restored(logger, store.Location, work.From, work.IsBlind, work.Disabled);
        }
        catch
        {
            kek.Dispose();
            store?.Dispose();
            options?.Backend?.Dispose();
            throw;
        }

        return Open(store, kek, options, create: false);
    }

    private StoreMaintenance Maintenance()
    {
        _core.RequireWriter();
        return _ownsCore
            ? _core.Maintenance
            : throw new InvalidOperationException("This is a caller's view, which is not for the store as a whole. Ask the keystore itself.");
    }
}

using RonKms.Backends;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Puts what a backup holds in place, as a new generation: the old state stays until that counts.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, sections 2 and 3, and docs/formats/ronk-backup-v1.md.</remarks>
internal sealed class StoreRestore : IDisposable
{
    private readonly ISealedStore _store;
    private readonly KeyEncryptionKey _kek;
    private readonly IRollbackAnchor? _anchor;
    private readonly KeyBackend _backend;
    private readonly RestorePlace _place;
    private readonly List<KeyId> _damaged = [];
    private HashSet<(Guid Key, uint Version)> _destroyed = [];

    internal StoreRestore(ISealedStore store, KeyEncryptionKey kek, IRollbackAnchor? anchor, KeyBackend backend)
    {
        _store = store;
        _kek = kek;
        _place = new RestorePlace(store, kek);
        _anchor = anchor;
        _backend = backend;
    }

    /// <summary>The versions that were damaged wherever they were looked for. What lies there of them is kept in <c>lost/</c>.</summary>
    internal IReadOnlyList<KeyId> Damaged => _damaged;

    /// <summary>What was restored from.</summary>
    internal string From { get; private set; } = "";

    /// <summary>Whether no journal told all that happened since, so that keys start disabled.</summary>
    internal bool IsBlind { get; private set; }

    /// <summary>How many versions that were enabled start disabled.</summary>
    internal int Disabled { get; private set; }

    public void Dispose() => _place.Dispose();

    /// <summary>Restores a backup: into an empty place, or over the store that it was made of.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="backupKek">What the backup was made under, where that is another than the store's; it stays the caller's.</param>
    /// <param name="nowMs">The clock.</param>
    /// <exception cref="KmsException"><see cref="KmsError.WrongKek"/>, <see cref="KmsError.SealedCorrupt"/>; <see cref="KmsError.Denied"/>: another
    /// store lies there. Nothing was changed.</exception>
    internal void Restore(BackupReader backup, KeyEncryptionKey? backupKek, long nowMs)
    {
        StoreDescription inBackup = StoreDescription.Read(backup.Description, "the backup");
        (StoreDescription? inPlace, StoreKey? placesOwn) = _place.FindInPlace(inBackup.StoreId);
        StoreKey? backupsOwn = _place.TryUnwrap(inBackup, _kek) ?? (backupKek is null ? null : _place.TryUnwrap(inBackup, backupKek));
        StoreKey backupKey = backupsOwn ?? placesOwn ?? throw WrongKekOfBackup(backup);
        if (!backup.Authenticates(backupKey))
        {
            throw backupsOwn is null ? WrongKekOfBackup(backup) : backup.Damaged();
        }

        RestoreSource source = new(
            RestoreSource.Follow(backup.ReadJournal(), backupKey, inBackup.Generation) ?? throw backup.Damaged(), backupKey, backup.ReadRecord, backup.ReadRemains);
        if (source.Journal.Directory.Store != Digest.Of(backup.Description))
        {
            throw backup.Damaged();
        }

        using IGenerationBuilder builder = _store.BuildGeneration(inBackup.Generation + 1);
        RestoreSource[] replaced = _place.FindReplaced(inPlace, builder.Number, [placesOwn, backupKey]);
        if (inPlace is not null && replaced is [])
        {
            _place.RequireNothingLater(inPlace.Generation, builder.Number);
        }

        From = string.Join(" and ", [$"the backup {backup.Location}", .. replaced.Select(Named)]);
        IsBlind = replaced is not [RestoreSource only] || (inPlace is null && !_place.IsOnlyWitness(only, builder.Number)) || !IsUpToDate(only, source);

        // Under the key-encryption key given in any case, so that no restore undoes a change of it.
        KeyDirectory restored = Write(
            builder,
            inPlace?.WriteFor(builder.Number, placesOwn!) ?? StoreDescription.Write(backupKey, builder.Number, _kek),
            placesOwn ?? backupKey,
            replaced.MaxBy(one => one.Journal.Head.Seq) ?? source,
            [.. replaced, source],
            keepDescription: replaced is [],
            nowMs);

        // What it was to take the place of is gone.
        _store.DropNextDescription();
        _store.RemoveEarlierGenerations(keepRecords: replaced is [], restored.Destroyed);
    }

    /// <summary>Takes a store as it is, although it is older than it should be or does not agree with itself: an operator's decision.</summary>
    /// <exception cref="InvalidOperationException">It opens as it is. Nothing was changed.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.WrongKek"/>, <see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.StoreNotFound"/>. Nothing was changed.</exception>
    internal void Accept(long nowMs)
    {
        byte[] description = _store.ReadDescription()
            ?? throw new KmsException(KmsError.StoreNotFound, $"There is no store at {_store.Location}. Nothing was changed. Restore a backup there.");
        StoreDescription inPlace = StoreDescription.Read(description, _store.Location);
        StoreKey storeKey = _place.Unwrap(inPlace);

        // Before a generation is used: where an older store.json was put back, later ones lie there, and are none that an attempt left.
        using IGenerationBuilder builder = _store.BuildGeneration(inPlace.Generation + 1);
        RestoreSource? source = _place.Find(inPlace.Generation, [storeKey]);
        if (source is null)
        {
            _place.RequireNothingLater(inPlace.Generation, builder.Number);
            throw new KmsException(
                KmsError.SealedCorrupt, $"The journal of {_store.Location} is damaged. Nothing was changed. Restore a backup over it.");
        }

        if (!_place.FindLater(inPlace.Generation, builder.Number).Any() && OpensAsItIs(source, inPlace, Digest.Of(description)))
        {
            throw new InvalidOperationException(
                $"The store at {_store.Location} opens as it is: there is nothing to restore, and nothing was changed. Open it, or restore a backup over it.");
        }

        From = Named(source);
        IsBlind = true;
        KeyDirectory restored = Write(
            builder, inPlace.WriteFor(builder.Number, storeKey), storeKey, source, [source], keepDescription: false, nowMs);
        _store.RemoveEarlierGenerations(keepRecords: false, restored.Destroyed);
    }

    /// <returns>The keys, as the new generation's journal tells of them.</returns>
    private KeyDirectory Write(
        IGenerationBuilder builder,
        byte[] storeJson,
        StoreKey storeKey,
        RestoreSource latest,
        RestoreSource[] sources,
        bool keepDescription,
        long nowMs)
    {
        StoreAnchor? anchor = _anchor is null ? null : new StoreAnchor(_anchor, storeKey, _store.Location);
        if (anchor is null && latest.Journal.Directory.Anchor != StoreAnchor.None)
        {
            throw new KmsException(
                KmsError.Rollback,
                $"What is restored to {_store.Location} has an anchor ({latest.Journal.Directory.Anchor}), and none was given. Nothing was changed. "
                + "Give its anchor, or a new one where it is lost.");
        }

        JournalHead head = latest.Journal.Head;
        GenerationWriter writer = new(
            builder,
            storeKey,
            new GenerationOrigin(latest.Journal.Generation, head.Seq, head.Digest),
            Math.Max(AnchoredSeq(), sources.Max(source => source.Journal.Head.Seq)),
            Math.Max(nowMs, sources.Max(source => source.Journal.Head.TimeMs)),
            _store.Location);
        bool leaps = IsBlind || sources.Any(source => GenerationReason.Leaps(source.Journal.Directory.Reason));
        writer.Begin(
            storeJson, leaps ? GenerationReason.Leaping(GenerationReason.Restore) : GenerationReason.Restore, anchor?.Kind ?? StoreAnchor.None);
        Sealer sealer = new(storeKey);
        if (IsBlind)
        {
            _destroyed = _place.FindDestroyed();
        }

        foreach (Guid key in sources.SelectMany(source => source.Journal.Directory.Keys).Select(entry => entry.Id.Uuid).Distinct())
        {
            foreach (IGrouping<uint, (RestoreSource Source, KeyVersion Version)> found in sources
                .SelectMany(source => source.VersionsOf(key), (source, version) => (source, version))
                .GroupBy(found => found.version.Id.Version)
                .OrderBy(group => group.Key))
            {
                Add([.. found], storeKey, sealer, writer);
            }
        }

        if (keepDescription)
        {
            _store.KeepDescriptions();
        }

        writer.Commit(storeJson);

        // Cut short before this, opening gives Rollback once more, and the restore is done again.
        anchor?.Advance(writer.Replay.Head.Seq, writer.Replay.Head.Digest);
        return writer.Replay.Directory;
    }

    /// <summary>The line that the anchor vouches for under any of the keys: a backup's may be an earlier one than the place's.</summary>
    private long AnchoredSeq() => _anchor is null ? 0 : _place.Keys.Max(key => new StoreAnchor(_anchor, key, _store.Location).Seq);

    /// <summary>Whether nothing is known to be missing at the replaced journal's end. A store that was put back to an older day is no witness of
    /// what was disabled or destroyed since.</summary>
    private bool IsUpToDate(RestoreSource replaced, RestoreSource backup)
    {
        if (_anchor is null)
        {
            return IsAfter(backup);
        }

        StoreAnchor anchor = new(_anchor, replaced.StoreKey, _store.Location);
        if (!anchor.IsKnown && replaced.Journal.Directory.Anchor == StoreAnchor.None)
        {
            return IsAfter(backup);
        }

        JournalReplay whole = replaced.Journal.Begin(anchor.Seq);
        try
        {
            _ = whole.Follow(_store.ReadJournal(0).Bytes);
            anchor.RequireHeldBy(whole);
            return true;
        }
        catch (KmsException e) when (e.Error is KmsError.Rollback or KmsError.SealedCorrupt)
        {
            return false;
        }
    }

    /// <summary>Whether what lies there goes on from a backup's last line: a place without it was put back to a day before the backup.</summary>
    private bool IsAfter(RestoreSource backup) => _store.ReadJournals()
        .Where(journal => journal.Generation == backup.Journal.Generation)
        .Any(journal =>
        {
            JournalHead head = backup.Journal.Head;
            JournalReplay replay = backup.Journal.Begin(head.Seq);
            try
            {
                _ = replay.Follow(journal.Bytes);
            }
            catch (KmsException e) when (e.Error is KmsError.SealedCorrupt or KmsError.NewerFormat)
            {
                // Damaged behind that line, or before it: the line tells.
            }

            return replay.AnchoredLine == head.Digest;
        });

    private void Add((RestoreSource Source, KeyVersion Version)[] found, StoreKey storeKey, Sealer sealer, GenerationWriter writer)
    {
        KeyVersion version = found[0].Version;
        if (found.Any(other => other.Version.Id != version.Id || other.Version.PublicKeyDigest != version.PublicKeyDigest))
        {
            throw new KmsException(
                KmsError.SealedCorrupt, $"The backup and {_store.Location} know {version.Id} under different names or keys. Nothing was changed. Use another backup.");
        }

        // What either of them took out of use stays so.
        KeyState state = _destroyed.Contains((version.Id.Uuid, version.Id.Version)) ? KeyState.Destroyed : found.Max(other => other.Version.State);
        if (IsBlind && state == KeyState.Enabled)
        {
            state = KeyState.Disabled;
            Disabled++;
        }

        if (state == KeyState.Destroyed)
        {
            // Where its key is in a device, and perhaps was not removed yet, opening the result does it.
            writer.Add(version, state, null, found.Select(other => other.Source.HandleOf(other.Version, storeKey)).FirstOrDefault(record => record is not null));
            if (found.Select(other => other.Source.HeaderOf(other.Version)).FirstOrDefault(header => header is not null) is { } header)
            {
                writer.AddRemains(version, header);
            }

            return;
        }

        foreach ((RestoreSource source, KeyVersion known) in found)
        {
            if (source.RecordOf(known) is { } record)
            {
                byte[] carried = ReferenceEquals(source.StoreKey, storeKey) || source.StoreKey.IsSame(storeKey)
                    ? record
                    : Resealed(known, record, new Sealer(source.StoreKey), sealer);
                writer.Add(known, state, Digest.Of(carried), carried);
                return;
            }
        }

        // Damaged in all of them: that version stays SealedCorrupt, and the others are restored all the same.
        writer.Add(version, state, version.RecordDigest, null);
        _damaged.Add(version.Id);
    }

    private byte[] Resealed(KeyVersion version, byte[] record, Sealer from, Sealer to) => StoreMaintenance.Resealed(version, record, from, to, _backend);

    /// <summary>Whether an opening would find nothing wrong.</summary>
    private bool OpensAsItIs(RestoreSource source, StoreDescription inPlace, Digest description)
    {
        try
        {
            Digest named = source.Journal.Directory.Store;
            if (KekChange.Find(_store, inPlace)?.Next != named && description != named)
            {
                return false;
            }

            StoreAnchor? anchor = _anchor is null ? null : new StoreAnchor(_anchor, source.StoreKey, _store.Location);
            JournalReplay whole = source.Journal.Begin(anchor?.Seq ?? 0);
            _ = whole.Follow(_store.ReadJournal(0).Bytes);
            StoreOpening.CheckAnchor(_store.Location, whole, anchor);
            return true;
        }
        catch (KmsException e) when (e.Error is KmsError.Rollback or KmsError.SealedCorrupt)
        {
            return false;
        }
    }

    private static string Named(RestoreSource source) => $"the journal of generation {source.Journal.Generation} up to line {source.Journal.Head.Seq}";

    private static KmsException WrongKekOfBackup(BackupReader backup) => new(
        KmsError.WrongKek,
        $"No key-encryption key given opens the backup {backup.Location}. Nothing was changed. Give the one that it was made under as backupKek.");
}

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
    private readonly List<StoreKey> _keys = [];
    private readonly List<KeyId> _damaged = [];

    internal StoreRestore(ISealedStore store, KeyEncryptionKey kek, IRollbackAnchor? anchor, KeyBackend backend)
    {
        _store = store;
        _kek = kek;
        _anchor = anchor;
        _backend = backend;
    }

    /// <summary>The versions that were damaged wherever they were looked for. What lies there of them is kept in <c>lost/</c>.</summary>
    internal IReadOnlyList<KeyId> Damaged => _damaged;

    public void Dispose() => _keys.ForEach(key => key.Dispose());

    /// <summary>Restores a backup: into an empty place, or over the store that it was made of.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="nowMs">The clock.</param>
    /// <exception cref="KmsException"><see cref="KmsError.WrongKek"/>, <see cref="KmsError.SealedCorrupt"/>; <see cref="KmsError.Denied"/>: another
    /// store lies there. Nothing was changed.</exception>
    internal void Restore(BackupReader backup, long nowMs)
    {
        StoreDescription inBackup = StoreDescription.Read(backup.Description, "the backup");
        StoreDescription? inPlace = FindDescription();
        if (inPlace is not null && inPlace.StoreId != inBackup.StoreId)
        {
            throw new KmsException(
                KmsError.Denied,
                $"{_store.Location} holds the store {inPlace.StoreId}, and the backup is of {inBackup.StoreId}. Nothing was changed. Restore into an empty place.");
        }

        StoreKey? backupsOwn = TryUnwrap(inBackup);
        StoreKey? placesOwn = inPlace is null ? null : TryUnwrap(inPlace);
        StoreKey backupKey = backupsOwn ?? placesOwn ?? throw WrongKek();
        if (!backup.Authenticates(backupKey))
        {
            throw backupsOwn is null ? WrongKek() : backup.Damaged();
        }

        RestoreSource source = new(
            RestoreSource.Follow(backup.ReadJournal(), backupKey, inBackup.Generation) ?? throw backup.Damaged(), backupKey, backup.ReadRecord, backup.ReadRemains);
        if (source.Journal.Directory.Store != Digest.Of(backup.Description))
        {
            throw backup.Damaged();
        }

        using IGenerationBuilder builder = _store.BuildGeneration(inBackup.Generation + 1);
        RestoreSource? replaced = FindReplaced(inPlace?.Generation ?? builder.Number - 1, [placesOwn, backupKey]);
        bool keepsPlacesKey = placesOwn is not null && (ReferenceEquals(replaced?.StoreKey, placesOwn) || backupsOwn is null);
        KeyDirectory restored = Write(
            builder,
            keepsPlacesKey ? inPlace! : inBackup,
            keepsPlacesKey ? placesOwn! : backupKey,
            replaced ?? source,
            [.. replaced is null ? (RestoreSource[])[] : [replaced], source],
            isBlind: replaced is null || !IsUpToDate(replaced),
            nowMs);
        _store.RemoveEarlierGenerations(keepRecords: replaced is null, restored.Destroyed);
    }

    /// <summary>Takes a store as it is, although it is older than it should be or does not agree with itself: an operator's decision.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.WrongKek"/>, <see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.StoreNotFound"/>. Nothing was changed.</exception>
    internal void Accept(long nowMs)
    {
        byte[] description = _store.ReadDescription()
            ?? throw new KmsException(KmsError.StoreNotFound, $"There is no store at {_store.Location}. Nothing was changed. Restore a backup there.");
        StoreDescription inPlace = StoreDescription.Read(description, _store.Location);
        StoreKey storeKey = inPlace.Unwrap(_kek, _store.Location);
        _keys.Add(storeKey);

        // Before a generation is used: where an older store.json was put back, later ones lie there, and are none that an attempt left.
        using IGenerationBuilder builder = _store.BuildGeneration(inPlace.Generation + 1);
        RestoreSource source = FindReplaced(inPlace.Generation, [storeKey]) ?? throw new KmsException(
            KmsError.SealedCorrupt, $"The journal of {_store.Location} is damaged. Nothing was changed. Restore a backup over it.");
        KeyDirectory restored = Write(builder, inPlace, storeKey, source, [source], isBlind: true, nowMs);
        _store.RemoveEarlierGenerations(keepRecords: false, restored.Destroyed);
    }

    /// <returns>The keys, as the new generation's journal tells of them.</returns>
    private KeyDirectory Write(
        IGenerationBuilder builder,
        StoreDescription description,
        StoreKey storeKey,
        RestoreSource latest,
        RestoreSource[] sources,
        bool isBlind,
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
        byte[] storeJson = description.WriteFor(builder.Number, storeKey);
        GenerationWriter writer = new(
            builder,
            storeKey,
            new GenerationOrigin(latest.Journal.Generation, head.Seq, head.Digest),
            Math.Max(AnchoredSeq(), sources.Max(source => source.Journal.Head.Seq)),
            Math.Max(nowMs, sources.Max(source => source.Journal.Head.TimeMs)),
            _store.Location);
        bool leaps = isBlind || sources.Any(source => GenerationReason.Leaps(source.Journal.Directory.Reason));
        writer.Begin(
            storeJson, leaps ? GenerationReason.Leaping(GenerationReason.Restore) : GenerationReason.Restore, anchor?.Kind ?? StoreAnchor.None);
        Sealer sealer = new(storeKey);
        foreach (Guid key in sources.SelectMany(source => source.Journal.Directory.Keys).Select(entry => entry.Id.Uuid).Distinct())
        {
            foreach (IGrouping<uint, (RestoreSource Source, KeyVersion Version)> found in sources
                .SelectMany(source => source.VersionsOf(key), (source, version) => (source, version))
                .GroupBy(found => found.version.Id.Version)
                .OrderBy(group => group.Key))
            {
                Add([.. found], isBlind, storeKey, sealer, writer);
            }
        }

        writer.Commit(storeJson);

        // Cut short before this, opening gives Rollback once more, and the restore is done again.
        anchor?.Advance(writer.Replay.Head.Seq, writer.Replay.Head.Digest);
        return writer.Replay.Directory;
    }

    /// <summary>The line that the anchor vouches for under any of the keys: a backup's may be an earlier one than the place's.</summary>
    private long AnchoredSeq() => _anchor is null ? 0 : _keys.Max(key => new StoreAnchor(_anchor, key, _store.Location).Seq);

    /// <summary>Whether nothing is known to be missing at the replaced journal's end. A store that was put back to an older day is no witness of
    /// what was disabled or destroyed since.</summary>
    private bool IsUpToDate(RestoreSource replaced)
    {
        if (_anchor is null)
        {
            return true;
        }

        StoreAnchor anchor = new(_anchor, replaced.StoreKey, _store.Location);
        if (!anchor.IsKnown && replaced.Journal.Directory.Anchor == StoreAnchor.None)
        {
            return true;
        }

        JournalReplay whole = replaced.Journal.Begin(anchor.Seq);
        try
        {
            _ = whole.Follow(_store.ReadJournal(0).Bytes.Span);
            anchor.RequireHeldBy(whole);
            return true;
        }
        catch (KmsException e) when (e.Error is KmsError.Rollback or KmsError.SealedCorrupt)
        {
            return false;
        }
    }

    private void Add((RestoreSource Source, KeyVersion Version)[] found, bool isBlind, StoreKey storeKey, Sealer sealer, GenerationWriter writer)
    {
        KeyVersion version = found[0].Version;
        if (found.Any(other => other.Version.Id != version.Id))
        {
            throw new KmsException(
                KmsError.SealedCorrupt, $"The backup and {_store.Location} know {version.Id} under different names. Nothing was changed. Use another backup.");
        }

        // What either of them took out of use stays so.
        KeyState state = found.Max(other => other.Version.State);
        if (isBlind && state == KeyState.Enabled)
        {
            state = KeyState.Disabled;
        }

        if (state == KeyState.Destroyed)
        {
            writer.Add(version, state, null, null);
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

    private StoreDescription? FindDescription()
    {
        try
        {
            return _store.ReadDescription() is { } bytes ? StoreDescription.Read(bytes, _store.Location) : null;
        }
        catch (KmsException e) when (e.Error == KmsError.SealedCorrupt)
        {
            // What a backup is restored over may be damaged.
            return null;
        }
    }

    private StoreKey? TryUnwrap(StoreDescription description)
    {
        try
        {
            StoreKey key = description.Unwrap(_kek, _store.Location);
            _keys.Add(key);
            return key;
        }
        catch (KmsException e) when (e.Error is KmsError.WrongKek or KmsError.SealedCorrupt)
        {
            return null;
        }
    }

    /// <summary>Finds the journal that is to be replaced, where one of the keys vouches for it.</summary>
    private RestoreSource? FindReplaced(long generation, StoreKey?[] keys)
    {
        if (generation < 1)
        {
            return null;
        }

        byte[] journal;
        try
        {
            _store.UseGeneration(generation);
            journal = _store.ReadJournal(0).Bytes.ToArray();
        }
        catch (KmsException e) when (e.Error == KmsError.SealedCorrupt)
        {
            return null;
        }

        foreach (StoreKey key in keys.OfType<StoreKey>())
        {
            if (RestoreSource.Follow(journal, key, generation) is { } replay)
            {
                return new RestoreSource(replay, key, _store.ReadRecord, _store.ReadRemains);
            }
        }

        return null;
    }

    private KmsException WrongKek() => new(
        KmsError.WrongKek, $"The key-encryption key given opens neither the backup nor what lies at {_store.Location}. Nothing was changed. Give the one that the backup was made under.");
}

using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <content>What lies in the place, and what it tells.</content>
internal sealed partial class StoreRestore
{
    /// <summary>Finds the store that lies in place, with its key.</summary>
    /// <returns>Neither where nothing lies there, or a description that is damaged.</returns>
    private (StoreDescription? Description, StoreKey? StoreKey) FindInPlace(Guid backupsStore)
    {
        if (ReadWhole(_store.ReadDescription()) is not { } inPlace)
        {
            return default;
        }

        if (inPlace.StoreId != backupsStore)
        {
            throw new KmsException(
                KmsError.Denied,
                $"{_store.Location} holds the store {inPlace.StoreId}, and the backup is of {backupsStore}. Nothing was changed. Restore into an empty place.");
        }

        try
        {
            StoreKey key = inPlace.Unwrap(_kek, _store.Location);
            _keys.Add(key);
            return (inPlace, key);
        }
        catch (KmsException e) when (e.Error == KmsError.SealedCorrupt)
        {
            // The key-encryption key is the right one, and no holder of the store's key wrote this.
            return default;
        }
        catch (KmsException e) when (e.Error == KmsError.WrongKek)
        {
            // While a change of it is under way, the new one opens, too.
            return ReadWhole(_store.ReadNextDescription()) is { } next
                && next.StoreId == inPlace.StoreId
                && next.Generation == inPlace.Generation
                && TryUnwrap(next, _kek) is { } key
                ? (next, key)
                : throw new KmsException(
                    KmsError.WrongKek,
                    $"The store at {_store.Location} is wrapped under another key-encryption key than the one given. Nothing was changed. "
                    + "Give that one as kek, and the backup's as backupKek. Where it is lost for good, move the directory away and restore into an empty place.",
                    e);
        }
    }

    /// <summary>Reads a description; what a backup is restored over may be damaged.</summary>
    private StoreDescription? ReadWhole(byte[]? description)
    {
        try
        {
            return description is null ? null : StoreDescription.Read(description, _store.Location);
        }
        catch (KmsException e) when (e.Error == KmsError.SealedCorrupt)
        {
            return null;
        }
    }

    private StoreKey? TryUnwrap(StoreDescription description, KeyEncryptionKey kek)
    {
        try
        {
            StoreKey key = description.Unwrap(kek, _store.Location);
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

    /// <summary>Generations that lie there and are later than the one that the description names.</summary>
    private IEnumerable<StoredJournal> FindLater(long named, long built) =>
        _store.ReadJournals().Where(journal => !journal.IsArchived && journal.Generation > named && journal.Generation < built);

    /// <summary>Refuses to do without a later generation where the one that the description names cannot be read: it may well be the live one, and
    /// the description an older copy.</summary>
    private void RequireNothingLater(long named, long built)
    {
        // A restore that was cut short while the one it was to replace lay there is done again.
        bool isNamedThere = _store.ReadJournals().Any(journal => !journal.IsArchived && journal.Generation == named);
        if (FindLater(named, built).FirstOrDefault(later => !isNamedThere || !IsUntouchedRestore(later)) is { } live)
        {
            throw new KmsException(
                KmsError.SealedCorrupt,
                $"store.json of {_store.Location} names generation {named}, which is missing or unreadable, and the later generation {live.Generation} lies there: "
                + "store.json is likely an older copy. Nothing was changed. Put back the store.json that names "
                + $"generation {live.Generation} (docs/runbooks/missing-store-json.md), or move g{live.Generation} out of the directory to do without what it holds.");
        }
    }

    private bool IsUntouchedRestore(StoredJournal later) => _keys.Any(key =>
        RestoreSource.Follow(later.Bytes.ToArray(), key, later.Generation) is { Origin: { } from } replay
        && GenerationReason.IsRestore(replay.Directory.Reason)
        && replay.Head.Base == from.Seq);

    /// <summary>Finds what any journal that lies there says is destroyed, be it whole or not: each line has a MAC of its own.</summary>
    private HashSet<(Guid Key, uint Version)> FindDestroyed()
    {
        HashSet<(Guid, uint)> destroyed = [];
        JournalLineReader[] readers = [.. _keys.Select(key => new JournalLineReader(key))];
        foreach (StoredJournal journal in _store.ReadJournals())
        {
            ReadOnlySpan<byte> bytes = journal.Bytes.Span;
            foreach (Range range in bytes.Split((byte)'\n'))
            {
                ReadOnlySpan<byte> line = bytes[range];
                if (line.IndexOf("\"destroy"u8) < 0)
                {
                    continue;
                }

                foreach (JournalLineReader reader in readers)
                {
                    if (reader.Read(line, out CustodyEvent? e) == JournalLineStatus.Valid
                        && (e!.Op == CustodyOp.Destroy || (e.Op == CustodyOp.State && e.State == KeyState.Destroyed)))
                    {
                        destroyed.Add((e.Key!.Uuid, e.Key.Version));
                    }
                }
            }
        }

        return destroyed;
    }

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
            _ = whole.Follow(_store.ReadJournal(0).Bytes.Span);
            StoreOpening.CheckAnchor(_store.Location, whole, anchor);
            return true;
        }
        catch (KmsException e) when (e.Error is KmsError.Rollback or KmsError.SealedCorrupt)
        {
            return false;
        }
    }

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
}

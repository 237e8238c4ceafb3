using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>The place that is restored to: what lies there already, and the keys that vouch for it.</summary>
/// <remarks>It may be empty, damaged, or put back to an older day, which is why nothing of it counts before a key vouches for it.</remarks>
internal sealed class RestorePlace : IDisposable
{
    private readonly ISealedStore _store;
    private readonly KeyEncryptionKey _kek;
    private readonly List<StoreKey> _keys = [];

    internal RestorePlace(ISealedStore store, KeyEncryptionKey kek)
    {
        _store = store;
        _kek = kek;
    }

    /// <summary>All keys that were unwrapped here. They stay this object's.</summary>
    internal IReadOnlyList<StoreKey> Keys => _keys;

    public void Dispose() => _keys.ForEach(key => key.Dispose());

    /// <summary>Unwraps a description's key under the store's key-encryption key.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.WrongKek"/>, <see cref="KmsError.SealedCorrupt"/>.</exception>
    internal StoreKey Unwrap(StoreDescription description)
    {
        StoreKey key = description.Unwrap(_kek, _store.Location);
        _keys.Add(key);
        return key;
    }

    /// <summary>Finds the store that lies in place, with its key.</summary>
    /// <returns>Neither where nothing lies there, or a description that is damaged.</returns>
    internal (StoreDescription? Description, StoreKey? StoreKey) FindInPlace(Guid backupsStore)
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
            return (inPlace, Unwrap(inPlace));
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

    internal StoreKey? TryUnwrap(StoreDescription description, KeyEncryptionKey kek)
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

    /// <summary>Finds what is to be replaced: the generation that the description names, or without one all that lie there, the fullest first.</summary>
    internal RestoreSource[] FindReplaced(StoreDescription? inPlace, long built, StoreKey?[] keys)
    {
        IEnumerable<long> generations = inPlace is not null
            ? [inPlace.Generation]
            : [.. FindLater(0, built).Select(journal => journal.Generation)];
        return [.. generations
            .Select(generation => Find(generation, keys))
            .OfType<RestoreSource>()
            .OrderByDescending(source => source.Journal.Directory.Count)];
    }

    /// <summary>Finds a generation, where one of the keys vouches for its journal.</summary>
    internal RestoreSource? Find(long generation, StoreKey?[] keys)
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
                return new RestoreSource(replay, key, (id, version) => Using(generation).ReadRecord(id, version), (id, version) => Using(generation).ReadRemains(id, version));
            }
        }

        return null;
    }

    private ISealedStore Using(long generation)
    {
        _store.UseGeneration(generation);
        return _store;
    }

    /// <summary>Generations that lie there and are later than the one that the description names.</summary>
    internal IEnumerable<StoredJournal> FindLater(long named, long built) =>
        _store.ReadJournals().Where(journal => !journal.IsArchived && journal.Generation > named && journal.Generation < built);

    /// <summary>Refuses to do without a later generation where the one that the description names cannot be read: it may well be the live one, and
    /// the description an older copy.</summary>
    internal void RequireNothingLater(long named, long built)
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
    internal HashSet<(Guid Key, uint Version)> FindDestroyed()
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

    /// <summary>Whether a journal without a description is whole, as far as can be told: a second generation, or one that a restore began, may be what
    /// an attempt left that was cut short.</summary>
    internal bool IsOnlyWitness(RestoreSource replaced, long built) =>
        FindLater(0, built).Count() == 1 && !GenerationReason.IsRestore(replaced.Journal.Directory.Reason);
}

using System.Globalization;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Keeps a store that is only read as fresh as was asked for, while another process writes to it. Thread-safe.</summary>
/// <remarks>
/// It has no thread and no timer: whoever uses the keystore looks at the store when it is time. A look reads store.json and what the journal has
/// grown by, and folds it. Where nothing can be seen for too long, every use fails: a key may have been destroyed in the meantime.
/// Source: docs/formats/ronk-v1.md, sections 2 to 4.
/// </remarks>
internal sealed class StoreFollower : IDisposable
{
    // The writer may change the generation while it is read; each attempt begins with store.json.
    private const int Attempts = 4;

    private readonly Lock _looking = new();
    private readonly ISealedStore _store;
    private readonly CustodyJournal _journal;
    private readonly KeyEncryptionKey _kek;
    private readonly Sealer _sealer;
    private readonly GenerationGate _gate;
    private readonly TimeProvider _time;
    private readonly TimeSpan _maxStaleness;
    private readonly long _lookAfter;
    private byte[] _description;
    private byte[]? _unopened;
    private KmsException? _wrongKek;
    private long _lookedAt;
    private volatile KmsException? _rolledBack;

    /// <summary>Follows a store from where it was opened.</summary>
    /// <param name="store">The store.</param>
    /// <param name="opened">What <see cref="StoreOpening.OpenReadOnly"/> gave.</param>
    /// <param name="kek">What its key is wrapped under; taken over, for the generations to come.</param>
    /// <param name="sealer">What opens its records.</param>
    /// <param name="gate">Passed by every read of it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="maxStaleness">How old an answer may be.</param>
    internal StoreFollower(
        ISealedStore store, FollowedStore opened, KeyEncryptionKey kek, Sealer sealer, GenerationGate gate, TimeProvider time, TimeSpan maxStaleness)
    {
        _store = store;
        _journal = opened.Journal;
        _description = opened.Description;
        _lookedAt = opened.LookedAt;
        _kek = kek;
        _sealer = sealer;
        _gate = gate;
        _time = time;
        _maxStaleness = maxStaleness;
        _lookAfter = (long)(maxStaleness.TotalSeconds / 2 * _time.TimestampFrequency);
    }

    /// <summary>How long ago the last look began that saw the store.</summary>
    internal TimeSpan Age => _time.GetElapsedTime(Volatile.Read(ref _lookedAt));

    /// <summary>Makes sure that what is answered now is not too old.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreStale"/>.</exception>
    internal void RequireFresh()
    {
        long now = _time.GetTimestamp();
        if (now - Volatile.Read(ref _lookedAt) >= _lookAfter || _rolledBack is not null)
        {
            LookWhereDue(now);
        }
    }

    /// <summary>Looks at the store now.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreStale"/>.</exception>
    internal void Look() => LookSince(_time.GetTimestamp());

    public void Dispose() => _kek.Dispose();

    private void LookWhereDue(long now)
    {
        if (_maxStaleness == TimeSpan.Zero || _time.GetElapsedTime(Volatile.Read(ref _lookedAt), now) > _maxStaleness || _rolledBack is not null)
        {
            LookSince(now);
        }
        else if (_looking.TryEnter())
        {
            // Early, so that nobody has to wait. Where it fails, what is known is still fresh enough.
            try
            {
                _ = TryLook();
            }
            finally
            {
                _looking.Exit();
            }

            ThrowIfRolledBack();
        }
    }

    /// <summary>Returns once a look succeeded that began at a time or later.</summary>
    private void LookSince(long time)
    {
        _journal.RequireNoCallback();
        lock (_looking)
        {
            // Another thread may have looked while this one waited.
            if ((Volatile.Read(ref _lookedAt) <= time || _rolledBack is not null) && TryLook() is { } failure)
            {
                throw Stale(failure);
            }
        }
    }

    private KmsException? TryLook()
    {
        if (_rolledBack is { } rolledBack)
        {
            return rolledBack;
        }

        KmsException? failure = null;
        for (int attempt = 0; attempt < Attempts && failure?.Error != KmsError.WrongKek; attempt++)
        {
            long began = _time.GetTimestamp();
            try
            {
                _journal.InTurn(Fold);
                Volatile.Write(ref _lookedAt, began);
                return null;
            }
            catch (KmsException e)
            {
                failure = e;
            }
        }

        return failure;
    }

    private void Fold()
    {
        byte[] description = _store.ReadDescription()
            ?? throw new KmsException(KmsError.StoreNotFound, $"{_store.Location} has no store.json any more. Check that everything is mounted.");
        StoreDescription? changed = description.AsSpan().SequenceEqual(_description) ? null : StoreDescription.Read(description, _store.Location);
        if (changed is not null && changed.StoreId != _journal.StoreKey.StoreId)
        {
            throw RolledBack($"store.json is of the store {changed.StoreId} now");
        }

        if (changed is null || changed.Generation == _journal.Generation)
        {
            FoldTail(description, changed);
        }
        else if (changed.Generation > _journal.Generation)
        {
            MoveOn(description, changed);
        }
        else
        {
            throw RolledBack($"store.json names generation {changed.Generation}, and {_journal.Generation} was read before");
        }

        _description = description;
    }

    private void FoldTail(byte[] description, StoreDescription? changed)
    {
        JournalHead head = _journal.Head;
        ReadOnlyMemory<byte> tail;
        try
        {
            tail = _store.ReadJournal(head.Seq).Bytes;
        }
        catch (KmsException e) when (e.Error == KmsError.Rollback)
        {
            throw _rolledBack = e;
        }

        if (Digest.Of(_store.ReadLine(head.Seq)) != head.Digest)
        {
            throw RolledBack($"line {head.Seq} of the journal is not the one that was read before");
        }

        _journal.FollowTail(tail);
        if (changed is not null && !changed.IsAuthentic(_journal.StoreKey))
        {
            throw new KmsException(KmsError.SealedCorrupt, $"store.json of {_store.Location} is damaged. Put back the copy that belongs to its journal.");
        }

        StoreOpening.RequireNamedBy(_journal.Directory, description, _store);
    }

    /// <summary>Goes on with a later generation: the keys stay the same objects, so that whoever is using one sees what becomes of it.</summary>
    private void MoveOn(byte[] description, StoreDescription changed)
    {
        StoreKey earlier = _journal.StoreKey;
        StoreKey storeKey = changed.IsAuthentic(earlier) ? earlier : Unwrap(description, changed);
        try
        {
            _gate.Change(() =>
            {
                JournalReplay next = StoreOpening.ReplayReadOnly(_store, storeKey, changed.Generation, description);
                RequireContinues(next);
                _sealer.ChangeTo(storeKey);
                _journal.GoOnWith(next, storeKey);
            });
        }
        finally
        {
            if (!ReferenceEquals(storeKey, earlier))
            {
                (ReferenceEquals(storeKey, _journal.StoreKey) ? earlier : storeKey).Dispose();
            }
        }
    }

    private StoreKey Unwrap(byte[] description, StoreDescription changed)
    {
        // Deriving a key from a passphrase is dear: what did not open is not tried again.
        if (_wrongKek is not null && description.AsSpan().SequenceEqual(_unopened))
        {
            throw _wrongKek;
        }

        try
        {
            return changed.Unwrap(_kek, _store.Location);
        }
        catch (KmsException e) when (e.Error == KmsError.WrongKek)
        {
            _unopened = description;
            throw _wrongKek = new KmsException(
                KmsError.WrongKek, $"The store at {_store.Location} was sealed anew under another key-encryption key. Reopen it with that one.", e);
        }
    }

    /// <summary>Refuses a generation that does not come after what is known here.</summary>
    private void RequireContinues(JournalReplay next)
    {
        JournalHead head = _journal.Head;
        GenerationOrigin from = next.Origin!;
        bool isRestored = GenerationReason.IsRestore(next.Directory.Reason);
        if (!isRestored && (from.Generation < _journal.Generation || from.Seq < head.Seq || (from.Seq == head.Seq && from.Head != head.Digest)))
        {
            throw RolledBack($"generation {next.Generation} goes on from line {from.Seq} of generation {from.Generation}, and line {head.Seq} of {_journal.Generation} was read before");
        }

        if (!next.Directory.HoldsAll(_journal.Directory))
        {
            throw RolledBack($"generation {next.Generation} was restored without keys that were read before, or with others of their names");
        }
    }

    private KmsException RolledBack(string how) => _rolledBack = new KmsException(
        KmsError.Rollback, $"The store at {_store.Location} is not the one that was followed, or an older copy of it: {how}. {StoreAnchor.Runbook}");

    private void ThrowIfRolledBack()
    {
        if (_rolledBack is { } rolledBack)
        {
            throw Stale(rolledBack);
        }
    }

    private KmsException Stale(KmsException cause)
    {
        string next = _rolledBack is not null ? "Find out which copy is the right one, and reopen that: this keystore answers no more."
            : cause.Error == KmsError.WrongKek ? "This keystore answers no more."
            : "Every call looks again.";
        return new KmsException(
            KmsError.StoreStale,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Nothing is answered: the store at {_store.Location} was last seen whole at {_time.GetUtcNow() - Age:yyyy-MM-dd HH:mm:ss}Z (MaxStaleness is {_maxStaleness:c}). {cause.Message} {next}"),
            cause);
    }
}

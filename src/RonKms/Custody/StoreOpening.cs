using RonKms.Backends;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Opens a store, or makes one. Nothing is changed until everything was checked.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, sections 2 to 4.</remarks>
internal static class StoreOpening
{
    // Of one that is only read: its writer may change the generation while it is read.
    private const int Attempts = 4;

    /// <summary>Opens a store for writing.</summary>
    /// <param name="store">Where its bytes lie.</param>
    /// <param name="kek">What its key is wrapped under.</param>
    /// <param name="create">Whether to make it where there is none.</param>
    /// <param name="anchor">The store's rollback anchor; <see langword="null"/> for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told what was moved aside.</param>
    /// <param name="backend">Where keys act.</param>
    /// <returns>The journal with the store's key, which the caller disposes.</returns>
    /// <exception cref="KmsException">As section 3 of the format gives, and <see cref="KmsError.StoreNotFound"/>.</exception>
    internal static CustodyJournal Open(
        ISealedStore store,
        KeyEncryptionKey kek,
        bool create,
        IRollbackAnchor? anchor,
        TimeProvider time,
        Action<StoreOpeningReport> log,
        KeyBackend backend)
    {
        byte[]? description = store.ReadDescription();
        if (description is null)
        {
            if (!create)
            {
                throw NotFound(store);
            }

            description = Create(store, kek, anchor, time);
        }

        StoreDescription parsed = StoreDescription.Read(description, store.Location);
        KekChange? change = KekChange.Find(store, parsed);
        StoreKey storeKey = Unwrap(parsed, change, kek, store.Location);
        try
        {
            StoreAnchor? known = anchor is null ? null : new StoreAnchor(anchor, storeKey, store.Location);
            JournalReplay replay = Replay(
                store, storeKey, parsed.Generation, Digest.Of(description), log, known, change?.Next, new HandleErasure(store, new Sealer(storeKey), backend));
            CustodyJournal journal = new(store, storeKey, replay, known, time);
            change?.Finish(journal);
            return journal;
        }
        catch
        {
            storeKey.Dispose();
            throw;
        }
    }

    /// <summary>Opens a store that is only read, beside its writer. Changes nothing, the anchor neither.</summary>
    /// <param name="store">Where its bytes lie.</param>
    /// <param name="kek">What its key is wrapped under; it stays the caller's.</param>
    /// <param name="anchor">The store's rollback anchor; <see langword="null"/> for none.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The store as it is now; the caller disposes its key.</returns>
    /// <exception cref="KmsException">As for <see cref="Open"/>.</exception>
    internal static FollowedStore OpenReadOnly(ISealedStore store, KeyEncryptionKey kek, IRollbackAnchor? anchor, TimeProvider time)
    {
        for (int attempt = 1; ; attempt++)
        {
            long began = time.GetTimestamp();
            try
            {
                return ReadOnce(store, kek, anchor, time, began);
            }
            catch (KmsException e) when (attempt < Attempts && e.Error is KmsError.SealedCorrupt or KmsError.Rollback or KmsError.StoreFailed)
            {
                // Read again from the beginning: what is wrong with the store itself is wrong then, too.
            }
        }
    }

    /// <summary>Checks the journal of a generation that is only read, as far as it is written.</summary>
    internal static JournalReplay ReplayReadOnly(ISealedStore store, StoreKey storeKey, long generation, byte[] description, StoreAnchor? anchor = null)
    {
        store.UseGeneration(generation);
        JournalReplay replay = new(storeKey, generation, store.Location, anchor?.Seq ?? 0, isGrowing: true);
        Follow(store, replay);
        RequireNamedBy(replay.Directory, description, store);
        store.Settle(new JournalSettlement(replay.Head.Seq, replay.ValidLength, replay.LastGroupOffset, [], []));
        return replay;
    }

    /// <summary>Refuses a description that the journal does not name last, unless a change of it is under way.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.Rollback"/>.</exception>
    internal static void RequireNamedBy(KeyDirectory directory, byte[] description, ISealedStore store)
    {
        if (directory.Store != Digest.Of(description) && (store.ReadNextDescription() is not { } next || directory.Store != Digest.Of(next)))
        {
            throw NotNamed(store);
        }
    }

    /// <summary>Checks a generation's journal from its first line to its last, and then puts the store in order.</summary>
    internal static JournalReplay Replay(
        ISealedStore store,
        StoreKey storeKey,
        long generation,
        Digest description,
        Action<StoreOpeningReport> log,
        StoreAnchor? anchor = null,
        Digest? nextDescription = null,
        HandleErasure? erasure = null)
    {
        store.UseGeneration(generation);
        JournalReplay replay = new(storeKey, generation, store.Location, anchor?.Seq ?? 0);
        ReadOnlyMemory<byte> journal = store.ReadJournal(0).Bytes;
        using RecordListing records = new(store, journal.Length);
        int torn = Check(store, description, nextDescription, replay, journal, anchor);
        List<KeyVersion> inDevice = Settle(store, replay, records.TakeAllBut(replay.Directory.IsHeld), torn, log, erasure);

        // Also where it is there already: what is served must not hang on what only a cache holds.
        anchor?.Advance(replay.Head.Seq, replay.Head.Digest);

        // The last of all: what a device lost does not come back, should the line that says so turn out not to be durable.
        if (erasure?.Finish(inDevice, replay.Head.Seq) is > 0 and int finished)
        {
            log(new StoreOpeningReport(0, 0, finished));
        }

        return replay;
    }

    private static byte[] Create(ISealedStore store, KeyEncryptionKey kek, IRollbackAnchor? anchor, TimeProvider time)
    {
        using StoreKey storeKey = StoreKey.Generate();
        StoreAnchor? known = anchor is null ? null : new StoreAnchor(anchor, storeKey, store.Location);
        byte[] description = StoreDescription.Write(storeKey, generation: 1, kek);
        CustodyEvent first = new()
        {
            Op = CustodyOp.OpenStore,
            Seq = 1,
            // A clock that stands before 1970 is wrong, and the format has no such times.
            TimeMs = Math.Max(0, time.GetUtcNow().ToUnixTimeMilliseconds()),
            Store = Digest.Of(description),
            StoreId = storeKey.StoreId,
            Anchor = known?.Kind ?? StoreAnchor.None,
        };
        byte[] line = new JournalLineWriter().Write(first, storeKey);

        // The anchor first: cut short here, it knows a store that never was. The other way round there would be an anchored store without its anchor.
        known?.Advance(first.Seq, Digest.Of(line.AsSpan(0, line.Length - 1)));
        store.Create(description, line);
        return description;
    }

    /// <summary>Unwraps the store's key. While a change of the key-encryption key is under way, the one given may be the old one or the new.</summary>
    private static StoreKey Unwrap(StoreDescription description, KekChange? change, KeyEncryptionKey kek, string location)
    {
        try
        {
            return description.Unwrap(kek, location);
        }
        catch (KmsException e) when (e.Error == KmsError.WrongKek && change is not null)
        {
            if (change.Unwrap(kek) is { } storeKey)
            {
                return storeKey;
            }

            throw;
        }
    }

    private static FollowedStore ReadOnce(ISealedStore store, KeyEncryptionKey kek, IRollbackAnchor? anchor, TimeProvider time, long began)
    {
        byte[] description = store.ReadDescription() ?? throw NotFound(store);
        StoreDescription parsed = StoreDescription.Read(description, store.Location);
        StoreKey storeKey = parsed.Unwrap(kek, store.Location);
        try
        {
            // The anchor before the journal, which is ahead of it all the time.
            StoreAnchor? known = anchor is null ? null : new StoreAnchor(anchor, storeKey, store.Location);
            JournalReplay replay = ReplayReadOnly(store, storeKey, parsed.Generation, description, known);
            CheckAnchor(store.Location, replay, known);
            return new FollowedStore(new CustodyJournal(store, storeKey, replay, null, time), description, began);
        }
        catch
        {
            storeKey.Dispose();
            throw;
        }
    }

    private static KmsException NotFound(ISealedStore store) => new(
        KmsError.StoreNotFound,
        $"There is no store at {store.Location}. Nothing was made: check that the right volume is mounted, or create a store explicitly.");

    private static KmsException NotNamed(ISealedStore store) => new(
        KmsError.Rollback,
        $"store.json of {store.Location} is not the one that its journal names last: one of the two is from another day. Nothing was changed.");

    private static int Follow(ISealedStore store, JournalReplay replay)
    {
        return Follow(store, replay, store.ReadJournal(0).Bytes);
    }

    private static int Follow(ISealedStore store, JournalReplay replay, ReadOnlyMemory<byte> journal)
    {
        int torn = replay.Follow(journal);
        return replay.Head.Seq != 0
            ? torn
            : throw new KmsException(
                KmsError.SealedCorrupt, $"The journal of {store.Location} is missing or empty. Nothing was changed. Restore the store from a backup.");
    }

    private static int Check(ISealedStore store, Digest description, Digest? nextDescription, JournalReplay replay, ReadOnlyMemory<byte> journal, StoreAnchor? anchor)
    {
        int torn = Follow(store, replay, journal);
        if (replay.Directory.Store != description && replay.Directory.Store != nextDescription)
        {
            throw NotNamed(store);
        }

        CheckAnchor(store.Location, replay, anchor);
        return torn;
    }

    /// <summary>Refuses a journal and an anchor that do not belong together.</summary>
    internal static void CheckAnchor(string location, JournalReplay replay, StoreAnchor? anchor)
    {
        if (replay.Directory.Anchor == (anchor?.Kind ?? StoreAnchor.None))
        {
            anchor?.RequireHeldBy(replay);
            return;
        }

        throw OtherAnchor(location, replay, anchor);
    }

    private static KmsException OtherAnchor(string location, JournalReplay replay, StoreAnchor? anchor)
    {
        string kind = replay.Directory.Anchor;
        if (anchor is null)
        {
            return new KmsException(
                KmsError.Rollback,
                $"The journal of {location} has an anchor ({kind}), and none was given. Nothing was changed. "
                + $"Open it with its anchor: RON_KMS_ANCHOR, or {nameof(KeystoreOptions)}.{nameof(KeystoreOptions.Anchor)}.");
        }

        if (kind != StoreAnchor.None)
        {
            return new KmsException(
                KmsError.Rollback,
                $"The journal of {location} has an anchor of kind {kind}, and one of kind {anchor.Kind} was given. Nothing was changed. Open it with its own.");
        }

        // A copy from before the anchor would look just so. Where the anchor knows better, it says so.
        if (anchor.IsKnown)
        {
            anchor.RequireHeldBy(replay);
        }

        return new KmsException(
            KmsError.Rollback,
            $"The journal of {location} names no anchor, and one ({anchor.Kind}) was given. Nothing was changed. If the store had one before, this is an older copy. "
            + $"If it never had one, open it without and call {nameof(Keystore)}.{nameof(Keystore.AttachAnchor)} once. {StoreAnchor.Runbook}");
    }

    /// <returns>The destroyed versions whose records are still there and hold handles: their keys may be in the device.</returns>
    private static List<KeyVersion> Settle(
        ISealedStore store, JournalReplay replay, IEnumerable<(Guid Key, uint Version)> unheld, int torn, Action<StoreOpeningReport> log, HandleErasure? erasure)
    {
        List<(Guid Key, uint Version)> orphans = [];
        List<RecordRemoval> removals = [];
        List<KeyVersion> inDevice = [];
        foreach ((Guid key, uint version) in unheld)
        {
            KeyVersion? known = replay.Directory.Find(key)?.Find(version);
            if (known is null)
            {
                orphans.Add((key, version));
            }
            else
            {
                try
                {
                    if (erasure?.HasHandle(known) == true)
                    {
                        inDevice.Add(known);
                    }
                    else
                    {
                        removals.Add(RecordReader.RemovalOf(store, known));
                    }
                }
                catch (KmsException failure) when (StoreFailure.IsOfSystem(failure))
                {
                    // One unreadable record of a destroyed version keeps no other key from being used; a later opening finishes it.
                }
            }
        }

        store.Settle(new JournalSettlement(replay.Head.Seq, replay.ValidLength, replay.LastGroupOffset, orphans, removals)
        {
            // What a restore could not read it does not destroy either. Later generations leap too, but replaced one that was read.
            KeepsEarlierRecords = replay.Directory.Reason == GenerationReason.Leaping(GenerationReason.Restore),
            Destroyed = replay.Directory.Destroyed,
        });
        if (torn > 0 || orphans.Count > 0 || removals.Count > 0)
        {
            log(new StoreOpeningReport(torn, orphans.Count, removals.Count));
        }

        return inDevice;
    }
}

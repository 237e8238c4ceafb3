using RonKms.Backends;
using RonKms.Diagnostics;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Makes, rotates, disables and destroys keys: each change is one commit. Thread-safe.</summary>
internal sealed class KeyLife
{
    private readonly CustodyJournal _journal;
    private readonly ISealedStore _store;
    private readonly RecordReader _records;
    private readonly Sealer _sealer;
    private readonly KmsTelemetry _telemetry;
    private readonly KeyBackend _backend;
    private readonly HandleErasure _erasure;
    private readonly HeldKeys _held;

    internal KeyLife(CustodyJournal journal, ISealedStore store, RecordReader records, Sealer sealer, KeyBackend backend, KmsTelemetry telemetry)
    {
        _backend = backend;
        _erasure = new HandleErasure(store, sealer, backend);
        _journal = journal;
        _store = store;
        _records = records;
        _sealer = sealer;
        _telemetry = telemetry;
        _held = new HeldKeys(journal.Directory, records);
    }

    /// <summary>Records a new key.</summary>
    internal void Add(CustodyOp op, KeyId id, GeneratedKey key, long notAfterMs, IReadOnlyList<KeyValuePair<string, string>> labels, long purgeAtMs)
    {
        RecordNew(op, id, key, now =>
        {
            RefuseHeld(op, id, key);
            RequireLater(notAfterMs, "not-after");
            RequireLater(purgeAtMs, "purge");
            return Describe(op, id, key, now, notAfterMs, labels);
        });
        KeyEntry added = _journal.Directory.Find(id.Uuid)!;
        added.PurgeAtMs = purgeAtMs;
        added.Find(id.Version)!.RecordKind = key.Kind;
        _telemetry.Count(KmsOperationKind.Seal, id.Algorithm);
    }

    /// <summary>Records a key's next version.</summary>
    /// <param name="key">The version that must still be the latest, or <c>#latest</c>.</param>
    /// <param name="next">The new key.</param>
    /// <returns>The new version's name.</returns>
    internal KeyId Rotate(KeyId key, GeneratedKey next)
    {
        KeyId? added = null;
        RecordNew(CustodyOp.Rotate, key, next, now =>
        {
            KeyEntry entry = RequireRotatable(key);
            added = NextOf(entry);
            return Describe(CustodyOp.Rotate, added, next, now, SameLifetime(entry.Latest, now), entry.Labels);
        });
        _journal.Directory.Find(key.Uuid)!.Find(added!.Version)!.RecordKind = next.Kind;
        _telemetry.Count(KmsOperationKind.Seal, key.Algorithm);
        return added;
    }

    /// <summary>A time that a key is given, as the journal writes it; 0 for none.</summary>
    /// <exception cref="ArgumentException">The time is not later than 1970, which the journal could not tell from none.</exception>
    internal static long TimeMs(DateTimeOffset? time, string what)
    {
        long ms = time?.ToUnixTimeMilliseconds() ?? 0;
        return time is null || ms > 0 ? ms : throw NotLater(what);
    }

    /// <summary>The version that a rotation makes.</summary>
    internal static KeyId NextOf(KeyEntry entry) => uint.MaxValue - entry.Latest.Id.Version < entry.Latest.Leap
        ? throw new KmsException(KmsError.Internal, $"{entry.Id.Latest} has had every version there can be.")
        : entry.Id.WithVersion(entry.Latest.Id.Version + entry.Latest.Leap);

    /// <summary>Whether a key may be rotated now.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.NoSuchKey"/>, <see cref="KmsError.NotLatestVersion"/>, <see cref="KmsError.KeyDestroyed"/>;
    /// <see cref="KmsError.AlgUnavailable"/>: the newest version that is left is in a device, and there is no backend for one.</exception>
    internal KeyEntry RequireRotatable(KeyId key)
    {
        (KeyEntry entry, KeyVersion version) = KeyRules.Resolve(_journal.Directory, key);
        if (!ReferenceEquals(entry.Latest, version))
        {
            throw new KmsException(
                KmsError.NotLatestVersion, $"{version.Id} was rotated already; the latest version is #v{entry.Latest.Id.Version}. Use that one.");
        }

        if (KeyRules.IsPurged(entry, _journal) || !entry.IsHeld)
        {
            throw KeyRules.Destroyed(version.Id);
        }

        RequireNotInDevice(entry);
        return entry;
    }

    /// <summary>Without its backend, the next version of a key in a device would be made in this process, and nobody would see.</summary>
    private void RequireNotInDevice(KeyEntry entry)
    {
        if (_backend.KeepsHandles)
        {
            return;
        }

        KeyVersion newest = entry.Latest;
        foreach (KeyVersion version in entry.Versions)
        {
            newest = version.State == KeyState.Destroyed ? newest : version;
        }

        if ((newest.RecordKind ??= _erasure.KindOf(newest)) == RecordKind.Handle)
        {
            throw KeyBackend.NotOfThisProcess(newest.Id);
        }
    }

    /// <summary>Puts a version into another state. One that is in it already is left alone.</summary>
    internal void Change(KeyId key, CustodyOp op)
    {
        KeyState state = op switch
        {
            CustodyOp.Disable => KeyState.Disabled,
            CustodyOp.Enable => KeyState.Enabled,
            CustodyOp.Destroy => KeyState.Destroyed,
            _ => throw new ArgumentOutOfRangeException(nameof(op)),
        };
        EraseHandles(_journal.Commit(_ =>
        {
            (KeyEntry entry, KeyVersion version) = KeyRules.Resolve(_journal.Directory, key);
            CommitPlan plan = new();
            if (op != CustodyOp.Destroy && (version.State == KeyState.Destroyed || KeyRules.IsPurged(entry, _journal)))
            {
                throw KeyRules.Destroyed(version.Id);
            }

            if (version.State != state)
            {
                PlanChange(plan, op, version);
            }
            else if (op == CustodyOp.Destroy)
            {
                PlanErasure(plan, version);
            }

            return plan;
        }));
    }

    /// <summary>Destroys every version of a key in one commit.</summary>
    /// <param name="key">The key, by any of its versions.</param>
    /// <param name="latest">The version that must still be the latest, so that none is destroyed which nobody asked the guards about.</param>
    internal void DestroyAll(KeyId key, KeyVersion latest)
    {
        EraseHandles(_journal.Commit(_ =>
        {
            CommitPlan plan = new();
            KeyEntry entry = KeyRules.Resolve(_journal.Directory, key).Entry;
            if (!ReferenceEquals(entry.Latest, latest))
            {
                throw new KmsException(KmsError.Busy, $"{entry.Latest.Id} was made while the other versions were about to be destroyed. Nothing was changed. Try again.");
            }

            foreach (KeyVersion version in entry.Versions)
            {
                if (version.State != KeyState.Destroyed)
                {
                    PlanChange(plan, CustodyOp.Destroy, version);
                }
                else
                {
                    PlanErasure(plan, version);
                }
            }

            return plan;
        }));
    }

    /// <summary>When a version made now expires, if it is to live as long as another one; 0 where never.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.KeyDestroyed"/>: how long that was went with its record.</exception>
    private long SameLifetime(KeyVersion other, long now)
    {
        if (other.NotAfterMs == 0)
        {
            return 0;
        }

        long lifetime = other.NotAfterMs - _records.CreatedAtMs(other);
        return lifetime > 0
            ? Math.Min(now + lifetime, RonkCodec.MaxTimeMs)
            : throw new KmsException(KmsError.KeyDestroyed, $"{other.Id} is destroyed, and how long it was made to live went with its record. Create a new key.");
    }

    /// <summary>Refuses a change before anything is made for it.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: nothing more is written.</exception>
    internal void RequireWritable() => _journal.RequireWritable();

    /// <summary>Refuses a time that has come; 0 is none.</summary>
    /// <exception cref="ArgumentException">It has.</exception>
    internal void RequireLater(long timeMs, string what)
    {
        if (timeMs != 0 && timeMs <= _journal.NowMs())
        {
            throw NotLater(what);
        }
    }

    private static ArgumentException NotLater(string what) => new($"The {what} time is not later than now.");

    private CommitPlan Describe(
        CustodyOp op, KeyId id, GeneratedKey key, long now, long notAfterMs, IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        byte[] record = _sealer.Seal(new RecordBody(id, key.Kind, key.Secret.Reveal()), key.PublicKey.Span, now, notAfterMs);
        CommitPlan plan = new();
        plan.Records.Add(new SealedRecord(id.Uuid, id.Version, record));
        plan.Events.Add(new CustodyEvent
        {
            Op = op,
            Key = id,
            NotAfterMs = notAfterMs,
            PublicKey = id.Algorithm.IsAsymmetric ? Digest.Of(key.PublicKey.Span) : null,
            Record = Digest.Of(record),
            Labels = labels,
        });
        return plan;
    }

    private void PlanChange(CommitPlan plan, CustodyOp op, KeyVersion version)
    {
        plan.Events.Add(new CustodyEvent { Op = op, Key = version.Id });
        if (op == CustodyOp.Destroy && !PlanErasure(plan, version))
        {
            plan.Removals.Add(RecordReader.RemovalOf(_store, version));
            if (_backend.KeepsHandles && (version.RecordKind ?? _erasure.KindOf(version)) is not RecordKind.Secret)
            {
                plan.Lost.Add(version);
            }
        }
    }

    /// <summary>Plans what is left to do of a version whose key is in a device, also where an earlier call could not do it.</summary>
    /// <returns>Whether it is one.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>: the device is not this backend's; nothing was changed.</exception>
    private bool PlanErasure(CommitPlan plan, KeyVersion version)
    {
        if (!_erasure.HasHandle(version))
        {
            return false;
        }

        plan.Erasures.Add(_backend.KeepsHandles ? version : throw KeyBackend.NotOfThisProcess(version.Id));
        return true;
    }

    /// <summary>Removes keys from their device, and then the records that told where they were.</summary>
    private void EraseHandles(CommitPlan written)
    {
        // First, as nothing tells of them any more where the others fail.
        KmsException? left = written.Lost.Select(EraseLost).OfType<KmsException>().ToArray().FirstOrDefault();
        try
        {
            foreach (KeyVersion version in written.Erasures)
            {
                _journal.InTurn(() =>
                {
                    if (!_erasure.HasHandle(version))
                    {
                        return;
                    }

                    // Where an earlier call destroyed it, that one may have removed it.
                    if (!_erasure.Erase(version) && written.Events.Exists(change => change.Key == version.Id))
                    {
                        left ??= NotFound(version);
                    }

                    RemoveRecord(version);
                });
            }
        }
        catch (KmsException e) when (left is not null)
        {
            throw new KmsException(e.Error, $"{e.Message} {left.Message}", e);
        }

        if (left is not null)
        {
            throw left;
        }
    }

    private static KmsException NotFound(KeyVersion version) => new(
        KmsError.SealedCorrupt,
        $"{version.Id} is destroyed. Its key was not in its device, which answered, under the name that its record has: somebody removed it there, or gave it another name, and it may be there still. "
        + $"Look there for a {version.Id.Algorithm} key that no attestation names, and remove it by the device's own tool (docs/hsm.md).");

    /// <summary>Removes a key from its device of which only its public key is known.</summary>
    /// <returns>What is to be said where it may be left there.</returns>
    private KmsException? EraseLost(KeyVersion version)
    {
        KmsException? cause = null;
        try
        {
            if (_backend.TryEraseLostKey(version.Id.Algorithm, version.PublicKeyDigest is { } digest ? digest.Span : []))
            {
                return null;
            }
        }
        catch (KmsException e)
        {
            cause = e;
        }

        return new KmsException(
            KmsError.SealedCorrupt,
            $"{version.Id} is destroyed. Its record was damaged, so that nothing tells where its key is in its device, and it may be there still. "
            + $"Look there for a {version.Id.Algorithm} key that no attestation names, and remove it by the device's own tool (docs/hsm.md). {cause?.Message}".TrimEnd(),
            cause);
    }

    private void RemoveRecord(KeyVersion version)
    {
        StoreCommit removal = new(_journal.Head.Seq, [], [], [RecordReader.RemovalOf(_store, version)]);
        CommitResult result = CommitResult.Conflict;
        _journal.Change(() => result = _store.Commit(removal));
        if (result == CommitResult.Conflict)
        {
            // Nothing was changed, so that later writes go on.
            throw new KmsException(KmsError.Busy, $"Another writer was first, and the record of {version.Id}, which is destroyed, is still there. Destroy it again, or open the store again.");
        }
    }

    /// <summary>Records a new key. One of which nothing was written does not stay behind in its device.</summary>
    private void RecordNew(CustodyOp op, KeyId id, GeneratedKey key, Func<long, CommitPlan> plan)
    {
        CommitPlan? planned = null;
        try
        {
            // Asked before, so that what must be read from the store is read without the journal's lock, and again under it.
            RefuseHeld(op, id, key);
            _journal.Commit(now => planned = plan(now));
        }
        catch (Exception refusal) when (planned is not { MayBeWritten: true })
        {
            try
            {
                _backend.EraseKey(new RecordBody(id, key.Kind, key.Secret.Reveal()));
            }
            catch (KmsException left)
            {
                throw new KmsException(
                    (refusal as KmsException)?.Error ?? left.Error,
                    $"{refusal.Message} The key that was made for it is left in its device, unused: {left.Message}",
                    refusal);
            }

            throw;
        }
    }

    private void RefuseHeld(CustodyOp op, KeyId id, GeneratedKey key)
    {
        if (op == CustodyOp.Import)
        {
            _held.Refuse(id, key.PublicKey.Span);
        }
    }
}

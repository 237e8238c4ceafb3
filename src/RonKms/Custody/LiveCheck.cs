using RonKms.Backends;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Checks the store of an open keystore beside its readers and its writer. Used once.</summary>
/// <remarks>It reads the journal in the writer's turn, and else looks without waiting for anybody. What seems wrong may be a change under way, so it looks there again in the writer's turn, when
/// nothing is half changed, and believes only that.</remarks>
internal sealed class LiveCheck(
    CustodyJournal journal, ISealedStore store, Sealer sealer, KeyBackend backend, GenerationGate gate, Action requireOpen)
{
    private const string Name = StoreLayout.DescriptionName;

    private readonly StoreFindings _findings = new();
    private readonly VersionCheck _versions = new(store.ReadRecord, store.ReadRemains, sealer, backend);

    /// <summary>Walks through the store.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal StoreReport Run(IProgress<MaintenanceProgress>? progress, CancellationToken cancellation)
    {
        journal.RequireNoCallback();
        (JournalReplay replay, int length) = CheckJournal(cancellation);
        Check(JudgeDescription);
        Check(JudgeAnchor);

        KeyVersion[] versions = [.. journal.Directory.Keys.SelectMany(entry => entry.Versions.ToArray())];
        progress?.Report(new MaintenanceProgress(0, versions.Length));
        for (int done = 0; done < versions.Length; done++)
        {
            cancellation.ThrowIfCancellationRequested();
            requireOpen();
            Check(() => _versions.Judge(versions[done]));
            progress?.Report(new MaintenanceProgress(done + 1, versions.Length));
        }

        CheckUnnamed(cancellation);
        return new StoreReport
        {
            Location = store.Location,
            IsAuthenticated = true,
            Generation = replay.Generation,
            HeadSeq = replay.Head.Seq,
            Head = replay.Head.Digest.ToString(),
            Generations = 1,
            JournalLines = replay.LineCount,
            KeyVersions = versions.Length,
            Records = _versions.Records,
            Bytes = length + _versions.Bytes,
            Findings = _findings.All,
        };
    }

    private void Check(Func<StoreFinding?> judge)
    {
        if (gate.Read(judge) is null)
        {
            return;
        }

        StoreFinding? finding = null;
        try
        {
            // In a store that is only read others have their turn, and what they changed may not be known here yet.
            journal.Refresh();
            journal.InTurn(() => finding = gate.Read(judge));
        }
        catch (KmsException e)
        {
            finding = StoreFindings.Of(StoreFindingKind.JournalDamaged, null, e);
        }

        if (finding is not null)
        {
            _findings.Add(finding);
        }
    }

    /// <summary>Reads the journal as it lies there, from its first line on, and compares it with the head that is known here.</summary>
    private (JournalReplay Replay, int Length) CheckJournal(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            requireOpen();
            (JournalHead head, JournalReplay replay, ReadOnlyMemory<byte>? lines) = BeginReplay();
            if (lines is not { } bytes)
            {
                return (replay, 0);
            }

            try
            {
                // What follows the head may be a line that another process is just writing.
                _ = replay.Follow(bytes);
                if (replay.AnchoredLine != head.Digest)
                {
                    _findings.Damage(
                        StoreFindingKind.JournalDamaged,
                        null,
                        $"The journal does not hold line {head.Seq} as it was written: it was changed on the disk.",
                        "Close the keystore and check the store: docs/runbooks/damaged-record.md.");
                }

                return (replay, bytes.Length);
            }
            catch (ObjectDisposedException) when (journal.Generation != replay.Generation)
            {
                // A reseal took away the key that this generation's lines are checked with. The next one has its own.
            }
            catch (KmsException e)
            {
                _findings.Damage(StoreFindingKind.JournalDamaged, null, e);
                return (replay, bytes.Length);
            }
        }
    }

    /// <summary>Reads the journal in the writer's turn, as everybody does who reads it whole. It is followed outside.</summary>
    private (JournalHead Head, JournalReplay Replay, ReadOnlyMemory<byte>? Lines) BeginReplay()
    {
        (JournalHead, JournalReplay, ReadOnlyMemory<byte>?) begun = default;
        journal.InTurn(() => begun = (journal.Head, journal.BeginReplay(journal.Head.Seq), ReadLines()));
        return begun;
    }

    private ReadOnlyMemory<byte>? ReadLines()
    {
        try
        {
            return store.ReadJournal(0).Bytes;
        }
        catch (KmsException e)
        {
            _findings.Damage(StoreFindingKind.JournalDamaged, null, e);
            return null;
        }
    }

    private StoreFinding? JudgeDescription()
    {
        try
        {
            return store.ReadDescription() is not { } bytes ? Damaged("It is missing.")
                : Digest.Of(bytes) != journal.Directory.Store ? Damaged("It is not the one that the journal names last.")
                : StoreDescription.Read(bytes, store.Location).IsAuthentic(journal.StoreKey) ? null
                : Damaged("Its MAC is wrong.");
        }
        catch (KmsException e)
        {
            return StoreFindings.Of(StoreFindingKind.DescriptionDamaged, Name, e);
        }

        static StoreFinding Damaged(string found) => new(
            StoreFindingKind.DescriptionDamaged,
            true,
            null,
            Name,
            found,
            "Put it back before the keystore is closed: without it the store does not open again. See docs/runbooks/missing-store-json.md.");
    }

    private StoreFinding? JudgeAnchor()
    {
        try
        {
            return journal.HasAnchorAsLeft()
                ? null
                : new StoreFinding(
                    StoreFindingKind.Rollback, true, null, null, "The rollback anchor was moved by somebody else: another copy of this store is being written to.", "See docs/runbooks/rollback.md.");
        }
        catch (KmsException e)
        {
            return StoreFindings.Of(StoreFindingKind.Rollback, null, e);
        }
    }

    /// <summary>Judges the records that no version calls for.</summary>
    private void CheckUnnamed(CancellationToken cancellation)
    {
        (Guid, uint)[] records;
        try
        {
            records = gate.Read(() => store.ListRecords().ToArray());
        }
        catch (KmsException e)
        {
            _findings.Damage(StoreFindingKind.Unreadable, null, e);
            return;
        }

        foreach ((Guid key, uint version) in records)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!IsNamed(key, version))
            {
                Check(() => IsNamed(key, version) || !_versions.HasRecord(key, version) ? null : new StoreFinding(
                    StoreFindingKind.Orphan, false, null, new RecordName(key, version, RecordName.Record).ToString(), "No journal line names it.", "The next opening for writing moves it to lost/."));
            }
        }
    }

    private bool IsNamed(Guid key, uint version) => journal.Directory.Find(key)?.Find(version) is not null;
}

using System.Collections.Concurrent;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>An open store's journal: the directory it folds to, and the one way to append to it.</summary>
/// <remarks>
/// Readers use <see cref="Directory"/> and take no lock. Writers who come at the same time share one group of lines, and so one flush of the
/// journal and one write of the anchor: each queues its change, and whoever gets the lock writes for all who are waiting by then. The others
/// wait for their answer and not for the lock: whoever lets go of it wakes the one who waits longest.
/// </remarks>
internal sealed partial class CustodyJournal
{
    private const int MaxAttempts = 8;
    private const int MaxGroupLines = 256;

    private readonly Lock _writing = new();
    private readonly ConcurrentQueue<PendingCommit> _arriving = new();
    private readonly ISealedStore _store;
    private StoreKey _storeKey;
    private volatile JournalReplay _replay;
    private readonly JournalLineWriter _lines = new();
    private readonly TimeProvider _time;

    // Taken from the queue and not written yet, in order. Used by who holds the lock.
    private readonly List<PendingCommit> _waiting = [];
    private StoreAnchor? _anchor;
    private volatile Exception? _failure;
    private bool _closed;

    internal CustodyJournal(ISealedStore store, StoreKey storeKey, JournalReplay replay, StoreAnchor? anchor, TimeProvider time)
    {
        _store = store;
        _storeKey = storeKey;
        _replay = replay;
        _anchor = anchor;
        _time = time;
    }

    internal KeyDirectory Directory => _replay.Directory;

    internal JournalHead Head => _replay.Head;

    /// <summary>Whether no write failed yet; after one that did, the store writes no more until it is reopened.</summary>
    internal bool IsWritable => _failure is null;

    /// <summary>The store's idea of now: the later of the clock and the last line, so that a clock set back before it revives nothing.</summary>
    internal long NowMs() => Math.Max(_time.GetUtcNow().ToUnixTimeMilliseconds(), _replay.Head.TimeMs);

    /// <summary>Appends to the journal. Returns once the lines are durable, and in the store's anchor where it has one.</summary>
    /// <param name="plan">Makes the change from the directory as it is now, given the store's time, after checking that it may still be made; called
    /// again where another change of the same key came first, and perhaps on the thread of another caller. Throws to give up, before anything is
    /// written.</param>
    /// <returns>The plan that was written.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.Busy"/>, <see cref="KmsError.StoreFailed"/>, <see cref="KmsError.Rollback"/>, and what
    /// the plan throws.</exception>
    /// <exception cref="InvalidOperationException">Called from within another commit of the same thread.</exception>
    internal CommitPlan Commit(Func<long, CommitPlan> plan)
    {
        RequireNoCallback();
        PendingCommit mine = Enqueued(plan);
        while (!mine.IsDone)
        {
            if (!_writing.TryEnter())
            {
                mine.Wait();
                continue;
            }

            try
            {
                Finish(mine);
            }
            finally
            {
                Leave();
            }
        }

        return mine.Result();
    }

    /// <summary>Gives the store an anchor from now on.</summary>
    /// <param name="anchor">Makes the store's part of it.</param>
    /// <exception cref="InvalidOperationException">The store has one.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.Rollback"/>: the anchor knows the store, and not as this journal tells it; nothing was changed.
    /// Otherwise as for <see cref="Commit"/>.</exception>
    internal void Attach(IRollbackAnchor anchor)
    {
        RequireNoCallback();
        _writing.Enter();
        try
        {
            RequireOpen();
            if (_anchor is not null)
            {
                throw new InvalidOperationException($"{_store.Location} has an anchor ({_anchor.Kind}) already. Detach that one first.");
            }

            RequireWritable();
            StoreAnchor attached = new(anchor, _storeKey, _store.Location);
            if (attached.IsKnown)
            {
                // Attaching was cut short, or it was attached before: then the journal holds its line.
                JournalReplay whole = _replay.Begin(attached.Seq);
                Follow(whole, _store.ReadJournal(0).Bytes);
                attached.RequireHeldBy(whole);
            }

            // The anchor first: cut short here, the store has none yet and opens without.
            attached.Advance(Head.Seq, Head.Digest);
            _anchor = attached;
            try
            {
                Finish(Enqueued(PlanAnchor(attached.Kind))).Result();
            }
            catch
            {
                _anchor = null;
                throw;
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Leaves the store without an anchor from now on. The anchor keeps the line that says so.</summary>
    /// <exception cref="InvalidOperationException">The store has none.</exception>
    /// <exception cref="KmsException">As for <see cref="Commit"/>.</exception>
    internal void Detach()
    {
        RequireNoCallback();
        _writing.Enter();
        try
        {
            RequireOpen();
            if (_anchor is null)
            {
                throw new InvalidOperationException($"{_store.Location} has no anchor.");
            }

            Finish(Enqueued(PlanAnchor(StoreAnchor.None))).Result();
            _anchor = null;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Takes in what other writers appended.</summary>
    internal void Refresh()
    {
        _writing.Enter();
        try
        {
            RequireOpen();
            Follow(_replay, _store.ReadJournal(_replay.Head.Seq).Bytes);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Lets a commit under way end, and no other begin.</summary>
    internal void Close()
    {
        _writing.Enter();
        try
        {
            _closed = true;
        }
        finally
        {
            Leave();
        }
    }

    private static Func<long, CommitPlan> PlanAnchor(string kind) => _ =>
    {
        CommitPlan plan = new();
        plan.Events.Add(new CustodyEvent { Op = CustodyOp.Anchor, Anchor = kind });
        return plan;
    };

    private void Follow(JournalReplay replay, ReadOnlyMemory<byte> bytes)
    {
        // A live store has no crash to recover from: torn bytes here are damage.
        if (replay.Follow(bytes) != 0)
        {
            throw new KmsException(
                KmsError.SealedCorrupt, $"The journal of {_store.Location} is damaged after line {replay.Head.Seq}. Close the store and check it.");
        }
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(_closed, typeof(Keystore));

    /// <summary>Refuses to write after a write that failed.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/></exception>
    internal void RequireWritable()
    {
        if (_failure is { } failure)
        {
            throw new KmsException(
                KmsError.StoreFailed, $"An earlier write to {_store.Location} failed; nothing more is written until it is reopened. {failure.Message}", failure);
        }
    }

    internal void RequireNoCallback()
    {
        if (_writing.IsHeldByCurrentThread)
        {
            throw new InvalidOperationException("A callback asks for a change while the keystore that called it is making one. Make the change once that call returned.");
        }
    }
}

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
                Follow(whole, _store.ReadJournal(0).Bytes.Span);
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
            Follow(_replay, _store.ReadJournal(_replay.Head.Seq).Bytes.Span);
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

    private PendingCommit Enqueued(Func<long, CommitPlan> plan)
    {
        PendingCommit pending = new(plan);
        _arriving.Enqueue(pending);
        return pending;
    }

    /// <summary>Lets go of the lock, and wakes who waits longest. Who comes later than this looks finds the lock free.</summary>
    private void Leave()
    {
        PendingCommit? next = _waiting.FirstOrDefault();
        _writing.Exit();
        if (next is not null || _arriving.TryPeek(out next))
        {
            next.Wake();
        }
    }

    /// <summary>Writes groups until a change is answered: mostly one, or none where another caller wrote it.</summary>
    private PendingCommit Finish(PendingCommit mine)
    {
        while (!mine.IsDone)
        {
            WriteGroup();
        }

        return mine;
    }

    /// <summary>Writes, in the order in which they came, as many of the waiting changes as can go together.</summary>
    private void WriteGroup()
    {
        while (_arriving.TryDequeue(out PendingCommit? arrived))
        {
            _waiting.Add(arrived);
        }

        List<PendingCommit> group = [];
        List<ReadOnlyMemory<byte>> lines = [];
        try
        {
            RequireOpen();
            JournalHead head = Plan(group, lines);
            if (group.Count > 0)
            {
                Write(group, lines, head);
            }
        }
        catch (Exception e)
        {
            (group.Count > 0 ? group : _waiting).ForEach(commit => commit.Fail(e));
        }

        List<PendingCommit> done = _waiting.FindAll(commit => commit.IsDone);
        _waiting.RemoveAll(commit => commit.IsDone);
        done.ForEach(commit => commit.Wake());
    }

    /// <summary>Chooses a group, and places its lines in the chain. What touches a key that is in it already waits for the next one, and
    /// so does a second import: whether its key is held, wholly or by half, shows only once the first one is in the directory.</summary>
    /// <returns>The head that the journal has with those lines.</returns>
    private JournalHead Plan(List<PendingCommit> group, List<ReadOnlyMemory<byte>> lines)
    {
        JournalHead head = _replay.Head;
        long now = NowMs();
        HashSet<Guid> keys = [];
        bool imports = false;
        foreach (PendingCommit commit in _waiting)
        {
            if (lines.Count >= MaxGroupLines)
            {
                break;
            }

            if (!commit.Plan(now))
            {
                continue;
            }

            List<CustodyEvent> events = commit.Planned.Events;
            bool isImport = events.Exists(e => e.Op == CustodyOp.Import && e.PublicKey is not null);
            if ((isImport && imports) || events.Exists(e => e.Key is { } key && keys.Contains(key.Uuid)))
            {
                continue;
            }

            if (!TryPlaceInChain(commit, ref head, now, lines))
            {
                continue;
            }

            keys.UnionWith(events.Where(e => e.Key is not null).Select(e => e.Key!.Uuid));
            imports |= isImport;
            group.Add(commit);
        }

        return head;
    }

    /// <summary>Adds a change's lines. What cannot be written, or could not be read back, fails its caller alone.</summary>
    private bool TryPlaceInChain(PendingCommit commit, ref JournalHead head, long now, List<ReadOnlyMemory<byte>> lines)
    {
        try
        {
            Digest prev = head.Digest;
            List<ReadOnlyMemory<byte>> own = [];
            foreach (CustodyEvent e in commit.Planned.Events)
            {
                byte[] line = _lines.Write(
                    e with { Seq = head.Seq + 1 + own.Count, Base = _replay.Head.Seq, Prev = prev, TimeMs = now }, _storeKey);
                prev = Digest.Of(line.AsSpan(0, line.Length - 1));
                own.Add(line);
            }

            // A line that cannot be read back would make the whole store unreadable.
            if (!_replay.WouldFollow(ref head, own))
            {
                throw new KmsException(
                    KmsError.Internal, $"A change of {_store.Location} could not have been read back, so nothing was written. Please report it.");
            }

            lines.AddRange(own);
            return true;
        }
        catch (Exception e)
        {
            commit.Fail(e);
            return false;
        }
    }

    private void Write(List<PendingCommit> group, List<ReadOnlyMemory<byte>> lines, JournalHead head)
    {
        long before = _replay.Head.Seq;
        if (!TryMakeDurable(group, lines, head))
        {
            Follow(_replay, _store.ReadJournal(before).Bytes.Span);
            foreach (PendingCommit commit in group.Where(commit => ++commit.Conflicts == MaxAttempts))
            {
                commit.Fail(new KmsException(
                    KmsError.Busy, $"Other writers were first {MaxAttempts} times at {_store.Location}. Nothing was changed. Try again."));
            }

            return;
        }

        // A subscriber of the store may have refreshed the keystore by now.
        foreach (ReadOnlyMemory<byte> line in lines.Skip((int)(_replay.Head.Seq - before)))
        {
            Follow(_replay, line.Span);
        }

        group.ForEach(commit => commit.Succeed());
    }

    /// <summary>Records, lines, flush, anchor; nothing is acknowledged before the last.</summary>
    private bool TryMakeDurable(List<PendingCommit> group, List<ReadOnlyMemory<byte>> lines, JournalHead head)
    {
        RequireWritable();
        try
        {
            StoreCommit commit = new(
                _replay.Head.Seq, [.. group.SelectMany(one => one.Planned.Records)], lines, [.. group.SelectMany(one => one.Planned.Removals)]);
            if (_store.Commit(commit) == CommitResult.Conflict)
            {
                return false;
            }

            _anchor?.Advance(head.Seq, head.Digest);
            return true;
        }
        catch (Exception e)
        {
            // Nobody knows what was written: what may be disabled or destroyed now is no longer used.
            _failure = e;
            foreach (CustodyEvent change in group.SelectMany(one => one.Planned.Events).Where(change => change.Op is CustodyOp.Disable or CustodyOp.Destroy))
            {
                Directory.Find(change.Key!.Uuid)!.Find(change.Key.Version)!.Doubt();
            }

            throw;
        }
    }

    private void Follow(JournalReplay replay, ReadOnlySpan<byte> bytes)
    {
        // A live store has no crash to recover from: torn bytes here are damage.
        if (replay.Follow(bytes) != 0)
        {
            throw new KmsException(
                KmsError.SealedCorrupt, $"The journal of {_store.Location} is damaged after line {replay.Head.Seq}. Close the store and check it.");
        }
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(_closed, typeof(Keystore));

    private void RequireWritable()
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

using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>An open store's journal: the directory it folds to, and the one way to append to it.</summary>
/// <remarks>Readers use <see cref="Directory"/> and take no lock. Writers take turns.</remarks>
internal sealed partial class CustodyJournal
{
    private const int MaxAttempts = 8;

    private readonly Lock _writing = new();
    private readonly ISealedStore _store;
    private StoreKey _storeKey;
    private volatile JournalReplay _replay;
    private readonly JournalLineWriter _lines = new();
    private readonly TimeProvider _time;
    private volatile bool _writeFailed;
    private bool _closed;

    internal CustodyJournal(ISealedStore store, StoreKey storeKey, JournalReplay replay, TimeProvider time)
    {
        _store = store;
        _storeKey = storeKey;
        _replay = replay;
        _time = time;
    }

    internal KeyDirectory Directory => _replay.Directory;

    internal JournalHead Head => _replay.Head;

    /// <summary>Whether no write failed yet; after one that did, the store writes no more until it is reopened.</summary>
    internal bool IsWritable => !_writeFailed;

    /// <summary>The store's idea of now: the later of the clock and the last line, so that a clock set back before it revives nothing.</summary>
    internal long NowMs() => Math.Max(_time.GetUtcNow().ToUnixTimeMilliseconds(), _replay.Head.TimeMs);

    /// <summary>Appends to the journal.</summary>
    /// <param name="plan">Makes the change from the directory as it is now, given the store's time, after checking that it may still be made; called
    /// again where another writer was first. Throws to give up, before anything is written.</param>
    /// <returns>The plan that was written.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.Busy"/>, <see cref="KmsError.StoreFailed"/>, and what the plan throws.</exception>
    /// <exception cref="InvalidOperationException">Called from within another commit of the same thread.</exception>
    internal CommitPlan Commit(Func<long, CommitPlan> plan)
    {
        if (_writing.IsHeldByCurrentThread)
        {
            throw new InvalidOperationException("A callback asks for a change while the keystore that called it is making one. Make the change once that call returned.");
        }

        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(Keystore));
            return CommitInTurn(plan);
        }
    }

    /// <summary>Takes in what other writers appended.</summary>
    internal void Refresh()
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(Keystore));
            Follow(_store.ReadJournal(_replay.Head.Seq).Bytes.Span);
        }
    }

    /// <summary>Lets a commit under way end, and no other begin.</summary>
    internal void Close()
    {
        lock (_writing)
        {
            _closed = true;
        }
    }

    private CommitPlan CommitInTurn(Func<long, CommitPlan> plan)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            long now = NowMs();
            CommitPlan change = plan(now);
            if (change.Events.Count == 0)
            {
                return change;
            }

            List<ReadOnlyMemory<byte>> lines = PlaceInChain(change, now);
            long head = _replay.Head.Seq;
            if (Write(change, lines) == CommitResult.Committed)
            {
                // A subscriber of the store may have refreshed the keystore by now.
                foreach (ReadOnlyMemory<byte> line in lines.Skip((int)(_replay.Head.Seq - head)))
                {
                    Follow(line.Span);
                }

                return change;
            }

            Follow(_store.ReadJournal(_replay.Head.Seq).Bytes.Span);
        }

        throw new KmsException(KmsError.Busy, $"Other writers were first {MaxAttempts} times at {_store.Location}. Nothing was changed. Try again.");
    }

    private List<ReadOnlyMemory<byte>> PlaceInChain(CommitPlan change, long now)
    {
        JournalHead head = _replay.Head;
        Digest prev = head.Digest;
        List<ReadOnlyMemory<byte>> lines = new(change.Events.Count);
        for (int i = 0; i < change.Events.Count; i++)
        {
            byte[] line = _lines.Write(
                change.Events[i] with { Seq = head.Seq + 1 + i, Base = head.Seq, Prev = prev, TimeMs = now }, _storeKey);
            prev = Digest.Of(line.AsSpan(0, line.Length - 1));
            lines.Add(line);
        }

        return lines;
    }

    private CommitResult Write(CommitPlan change, List<ReadOnlyMemory<byte>> lines)
    {
        // A line that cannot be read back would make the whole store unreadable.
        if (!_replay.WouldFollow(lines))
        {
            throw new KmsException(KmsError.Internal, $"A change of {_store.Location} could not have been read back, so nothing was written. Please report it.");
        }

        try
        {
            return _store.Commit(new StoreCommit(_replay.Head.Seq, change.Records, lines, change.Removals));
        }
        catch
        {
            // Nobody knows what was written: what may be disabled or destroyed now is no longer used.
            _writeFailed = true;
            foreach (CustodyEvent e in change.Events.Where(e => e.Op is CustodyOp.Disable or CustodyOp.Destroy))
            {
                Directory.Find(e.Key!.Uuid)!.Find(e.Key.Version)!.Doubt();
            }

            throw;
        }
    }

    private void Follow(ReadOnlySpan<byte> bytes)
    {
        // A live store has no crash to recover from: torn bytes here are damage.
        if (_replay.Follow(bytes) != 0)
        {
            throw new KmsException(
                KmsError.SealedCorrupt, $"The journal of {_store.Location} is damaged after line {_replay.Head.Seq}. Close the store and check it.");
        }
    }
}

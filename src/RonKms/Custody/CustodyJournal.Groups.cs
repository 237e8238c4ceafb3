using RonKms.Storage;

namespace RonKms.Custody;

/// <content>Groups: changes that come at the same time and are written together.</content>
internal sealed partial class CustodyJournal
{
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
        List<byte[]> lines = [];
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
    private JournalHead Plan(List<PendingCommit> group, List<byte[]> lines)
    {
        JournalHead head = _replay.Head;
        long now = NowMs();
        HashSet<Guid>? keys = _waiting.Count > 1 ? [] : null;
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
            if ((isImport && imports) || (keys is not null && events.Exists(e => e.Key is { } key && keys.Contains(key.Uuid))))
            {
                continue;
            }

            if (!TryPlaceInChain(commit, ref head, now, lines))
            {
                continue;
            }

            foreach (CustodyEvent e in events)
            {
                if (e.Key is not null)
                {
                    keys?.Add(e.Key.Uuid);
                }
            }

            imports |= isImport;
            group.Add(commit);
        }

        return head;
    }

    /// <summary>Adds a change's lines. What cannot be written, or could not be read back, fails its caller alone.</summary>
    private bool TryPlaceInChain(PendingCommit commit, ref JournalHead head, long now, List<byte[]> lines)
    {
        try
        {
            Digest prev = head.Digest;
            List<byte[]> own = [];
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

    private void Write(List<PendingCommit> group, List<byte[]> lines, JournalHead head)
    {
        long before = _replay.Head.Seq;
        if (!TryMakeDurable(group, lines, head))
        {
            Follow(_replay, _store.ReadJournal(before).Bytes);
            foreach (PendingCommit commit in group.Where(commit => ++commit.Conflicts == MaxAttempts))
            {
                commit.Fail(new KmsException(
                    KmsError.Busy, $"Other writers were first {MaxAttempts} times at {_store.Location}. Nothing was changed. Try again."));
            }

            return;
        }

        // A subscriber of the store may have refreshed the keystore by now.
        for (int i = (int)(_replay.Head.Seq - before); i < lines.Count; i++)
        {
            Follow(_replay, lines[i]);
        }

        group.ForEach(commit => commit.Succeed());
    }

    /// <summary>Records, lines, flush, anchor; nothing is acknowledged before the last.</summary>
    private bool TryMakeDurable(List<PendingCommit> group, List<byte[]> lines, JournalHead head)
    {
        RequireWritable();
        RequireRoom(lines);
        try
        {
            ReadOnlyMemory<byte>[] bytes = new ReadOnlyMemory<byte>[lines.Count];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = lines[i];
            }

            StoreCommit commit = new(
                _replay.Head.Seq, [.. group.SelectMany(one => one.Planned.Records)], bytes, [.. group.SelectMany(one => one.Planned.Removals)]);
            group.ForEach(one => one.Planned.MayBeWritten = true);
            if (_store.Commit(commit) == CommitResult.Conflict)
            {
                group.ForEach(one => one.Planned.MayBeWritten = false);
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

    /// <summary>Refuses what would make the journal longer than can be read again, before anything is written: the store stays writable, and can be compacted.</summary>
    private void RequireRoom(List<byte[]> lines)
    {
        if (_replay.ValidLength + lines.Sum(line => (long)line.Length) > StoreLimits.JournalLength)
        {
            throw new KmsException(
                KmsError.StoreFailed,
                $"The journal of {_store.Location} would grow beyond {StoreLimits.JournalLength} bytes, the most that can be read. Nothing was changed. Shorten it with Keystore.Compact.");
        }
    }
}

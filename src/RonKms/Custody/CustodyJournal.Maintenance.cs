using RonKms.Sealing;

namespace RonKms.Custody;

/// <content>What changes the store as a whole.</content>
internal sealed partial class CustodyJournal
{
    /// <summary>The live generation's number.</summary>
    internal long Generation => _replay.Generation;

    /// <summary>How many lines the live generation has.</summary>
    internal long LineCount => _replay.LineCount;

    /// <summary>The store's key; in the writer's turn, or before there are others.</summary>
    internal StoreKey StoreKey => _storeKey;

    /// <summary>Begins a replay of the live generation's journal, in the writer's turn.</summary>
    /// <param name="seq">The line whose digest is wanted.</param>
    internal JournalReplay BeginReplay(long seq) => _replay.Begin(seq);

    /// <summary>Whether the store has no anchor, or one that keeps what was last written to it. Certain in the writer's turn alone.</summary>
    /// <exception cref="KmsException">It could not be read.</exception>
    internal bool HasAnchorAsLeft() => _anchor is null || _anchor.IsAsLeft();

    /// <summary>Does something while no other writer has a turn. Readers go on.</summary>
    /// <exception cref="InvalidOperationException">Called from within another commit of the same thread.</exception>
    internal void InTurn(Action work)
    {
        RequireNoCallback();
        _writing.Enter();
        try
        {
            RequireOpen();
            work();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Changes the store otherwise than by a commit, in the writer's turn. After a failure nothing more is written, as its outcome is unknown.</summary>
    internal void Change(Action write)
    {
        RequireWritable();
        try
        {
            write();
        }
        catch (Exception e)
        {
            _failure = e;
            throw;
        }
    }

    /// <summary>Journals that another description takes effect, in the writer's turn.</summary>
    internal void AppendRewrap(Digest description) => Finish(Enqueued(_ =>
    {
        CommitPlan plan = new();
        plan.Events.Add(new CustodyEvent { Op = CustodyOp.Rewrap, Store = description });
        return plan;
    })).Result();

    /// <summary>Takes in what another process appended to a journal that is only read, in turn. What is not whole yet comes with a later reading.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.NewerFormat"/>.</exception>
    internal void FollowTail(ReadOnlyMemory<byte> bytes) => _ = _replay.Follow(bytes);

    /// <summary>Goes on with the journal of another generation, in the writer's turn. The keys stay the same objects, so that whoever uses one
    /// sees what becomes of it.</summary>
    internal void GoOnWith(JournalReplay next, StoreKey storeKey)
    {
        next.Keep(_replay.Directory);
        _storeKey = storeKey;
        _anchor = _anchor?.Under(storeKey);
        _replay = next;
    }

    /// <summary>Moves the anchor on to the head, in the writer's turn.</summary>
    internal void AdvanceAnchor() => _anchor?.Advance(Head.Seq, Head.Digest);
}

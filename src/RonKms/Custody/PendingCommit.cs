using System.Runtime.ExceptionServices;

namespace RonKms.Custody;

/// <summary>A caller's change on its way into the journal. Only who holds the journal's write lock answers it.</summary>
internal sealed class PendingCommit(Func<long, CommitPlan> plan)
{
    private readonly object _waking = new();
    private volatile CommitPlan? _written;
    private volatile ExceptionDispatchInfo? _failure;
    private bool _isWoken;

    /// <summary>Whether the caller can be answered.</summary>
    internal bool IsDone => _written is not null || _failure is not null;

    /// <summary>How often another writer was first.</summary>
    internal int Conflicts { get; set; }

    /// <summary>What the change writes, as planned last.</summary>
    internal CommitPlan Planned { get; private set; } = new();

    /// <summary>Makes the change from the directory as it is now. A plan that throws fails its caller alone.</summary>
    /// <returns>Whether there is anything to write.</returns>
    internal bool Plan(long now)
    {
        try
        {
            Planned = plan(now);
        }
        catch (Exception e)
        {
            Fail(e);
            return false;
        }

        if (Planned.Events.Count == 0)
        {
            Succeed();
        }

        return !IsDone;
    }

    internal void Succeed() => _written = Planned;

    /// <summary>Waits until it is answered, or the lock may be free. Returns at once where that was so since it was last asked.</summary>
    internal void Wait()
    {
        lock (_waking)
        {
            while (!_isWoken)
            {
                Monitor.Wait(_waking);
            }

            _isWoken = false;
        }
    }

    /// <summary>Ends the caller's wait, this one or the next.</summary>
    internal void Wake()
    {
        lock (_waking)
        {
            _isWoken = true;
            Monitor.Pulse(_waking);
        }
    }

    internal void Fail(Exception failure) => _failure = ExceptionDispatchInfo.Capture(failure);

    /// <summary>The caller's answer: the plan that was written, or its exception.</summary>
    internal CommitPlan Result()
    {
        _failure?.Throw();
        return _written!;
    }
}

namespace RonKms.Schedules.Engine;

/// <summary>Tries the schedules of a trial, depth first: those without preemption, then those with one, and so on.</summary>
/// <remarks>A preemption is a switch away from a thread that could go on; most races need one or two.</remarks>
internal sealed class Explorer(Func<Trial> make, int preemptions)
{
    // How often the schedules of a bound are begun anew where a trial went otherwise than before.
    private const int MaxRestarts = 3;

    // The decisions of the schedule under way; those that are not followed yet stand behind the index.
    private readonly List<Decision> _path = [];
    private int _depth;
    private int _spent;

    // The steps before the decision that is taken otherwise this time.
    private IReadOnlyList<TakenStep> _known = [];

    /// <summary>Tries schedules until one fails, or there is none left, or as many were tried as asked for.</summary>
    internal static Exploration Explore(Func<Trial> make, int maxPreemptions, int maxSchedules)
    {
        // What is made once in a process is made here, so that every schedule that counts finds it.
        Execution first = Execution.Run(make(), GoOn);
        if (first.IsOver)
        {
            return Failed(first, 1, 0);
        }

        int tried = 0;
        int restarts = 0;
        for (int bound = 0; bound <= maxPreemptions; bound++)
        {
            Explorer explorer = new(make, bound);
            int before = tried;
            bool isMore = true;
            while (isMore)
            {
                if (tried == maxSchedules)
                {
                    return new Exploration(tried, bound, IsWhole: false, null, null);
                }

                Execution execution = explorer.RunNext();
                if (execution.HasDiverged && restarts < MaxRestarts)
                {
                    // What outlives a trial was changed, as memory is that a finalizer gives back: what was chosen before says nothing now.
                    restarts++;
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    explorer = new(make, bound);
                    tried = before;
                    continue;
                }

                if (execution.IsOver)
                {
                    return Failed(execution, tried + 1, bound);
                }

                // One with fewer preemptions was counted under a lower bound.
                tried += explorer._spent == bound ? 1 : 0;
                isMore = explorer.MoveOn(execution.Trace);
            }
        }

        return new Exploration(tried, maxPreemptions, IsWhole: true, null, null);
    }

    /// <summary>Follows a schedule that was reported.</summary>
    internal static Exploration Replay(Func<Trial> make, string schedule)
    {
        _ = Execution.Run(make(), GoOn);
        List<int> choices = Schedule.Parse(schedule);
        int next = 0;
        Execution execution = Execution.Run(make(), (able, running) => next < choices.Count ? choices[next++] : GoOn(able, running));
        return execution.IsOver ? Failed(execution, 1, 0) : new Exploration(1, 0, IsWhole: false, null, null);
    }

    private static int GoOn(IReadOnlyList<int> able, int running) => running >= 0 ? running : able[0];

    private static Exploration Failed(Execution execution, int tried, int bound) =>
        new(tried, bound, IsWhole: false, $"{execution.Failure}\nThe last steps:\n{string.Join('\n', execution.Trace.TakeLast(60).Select(step => "  " + step))}",
            Schedule.Format([.. execution.Choices]));

    private Execution RunNext()
    {
        (_depth, _spent) = (0, 0);
        Execution execution = Execution.Run(make(), (able, running) =>
        {
            if (_depth == _path.Count)
            {
                // Who was running goes on first; the others only while there is a preemption left.
                IEnumerable<int> others = running < 0 || _spent < preemptions ? able.Where(one => one != running) : [];
                _path.Add(new Decision([.. able], running, [.. running < 0 ? [] : new[] { running }, .. others]));
            }

            Decision decision = _path[_depth++];
            if (!decision.IsSame(able, running))
            {
                return Execution.Diverged;
            }

            _spent += running >= 0 && decision.Choice != running ? 1 : 0;
            return decision.Choice;
        }, _known);
        if (!execution.IsOver && _depth < _path.Count)
        {
            execution.Diverge("it ended with fewer decisions than before.");
        }

        return execution;
    }

    /// <summary>Takes the next way at the last decision that has one left.</summary>
    private bool MoveOn(IReadOnlyList<TakenStep> taken)
    {
        while (_path.Count > 0 && !_path[^1].TryNext())
        {
            _path.RemoveAt(_path.Count - 1);
        }

        int decisions = _path.Count;
        _known = [.. taken.TakeWhile(step => !step.IsChosen || --decisions > 0)];
        return _path.Count > 0;
    }

    private sealed class Decision(int[] able, int running, int[] ways)
    {
        private int _taken;

        internal int Choice => ways[_taken];

        internal bool TryNext() => ++_taken < ways.Length;

        internal bool IsSame(IReadOnlyList<int> ableNow, int runningNow) => runningNow == running && ableNow.SequenceEqual(able);
    }
}

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

    /// <summary>Tries schedules until one fails, or there is none left, or as many were tried as asked for.</summary>
    internal static Exploration Explore(Func<Trial> make, int maxPreemptions, int maxSchedules)
    {
        // What is made once in a process is made here, so that every schedule that counts finds it.
        Execution first = Execution.Run(make(), GoOn);
        int tried = 1;
        if (first.IsOver)
        {
            return Failed(first, tried, 0);
        }

        int restarts = 0;
        for (int bound = 0; bound <= maxPreemptions; bound++)
        {
            Explorer explorer = new(make, bound);
            bool isMore = true;
            while (isMore)
            {
                if (tried == maxSchedules)
                {
                    return new Exploration(tried, bound, IsWhole: false, null, null);
                }

                tried++;
                Execution execution = explorer.RunNext();
                if (execution.HasDiverged && restarts < MaxRestarts)
                {
                    // What outlives a trial was changed, as memory is that a finalizer gives back: what was chosen before says nothing now.
                    restarts++;
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    explorer = new(make, bound);
                    continue;
                }

                if (execution.IsOver)
                {
                    return Failed(execution, tried, bound);
                }

                isMore = explorer.MoveOn();
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
        new(tried, bound, IsWhole: false, $"{execution.Failure}\nThe last steps:\n{execution.Trace(60)}", Schedule.Format(execution.Choices));

    private Execution RunNext()
    {
        _depth = 0;
        int spent = 0;
        Execution execution = Execution.Run(make(), (able, running) =>
        {
            if (_depth == _path.Count)
            {
                // Who was running goes on first; the others only while there is a preemption left.
                IEnumerable<int> others = running < 0 || spent < preemptions ? able.Where(one => one != running) : [];
                _path.Add(new Decision([.. able], running, [.. running < 0 ? [] : new[] { running }, .. others]));
            }

            Decision decision = _path[_depth++];
            if (!decision.IsSame(able, running))
            {
                return Execution.Diverged;
            }

            spent += running >= 0 && decision.Choice != running ? 1 : 0;
            return decision.Choice;
        });
        if (_depth < _path.Count)
        {
            execution.Diverge();
        }

        return execution;
    }

    /// <summary>Takes the next way at the last decision that has one left.</summary>
    private bool MoveOn()
    {
        while (_path.Count > 0 && !_path[^1].TryNext())
        {
            _path.RemoveAt(_path.Count - 1);
        }

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

using System.Diagnostics.CodeAnalysis;

namespace RonKms.Schedules.Engine;

/// <summary>One schedule of a trial's threads, of which one runs at a time: at each step it is decided who goes on.</summary>
/// <param name="choose">Decides where several can go on: given those, and who was running (-1 where he cannot go on), it names one of them.
/// Another number means that it cannot.</param>
/// <param name="known">The steps that it begins with, as they were before; another one is noticed.</param>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Nobody asks for its wait handle, and there is nothing else to free.")]
internal sealed class Execution(Func<IReadOnlyList<int>, int, int> choose, IReadOnlyList<TakenStep> known)
{
    /// <summary>A schedule longer than this is one that never ends.</summary>
    private const int MaxSteps = 20_000;

    /// <summary>What is chosen where there is nothing to choose, for the trial is not the one that was recorded.</summary>
    internal const int Diverged = -1;

    /// <summary>How long one step may take.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly List<ControlledThread> _threads = [];
    private readonly CountdownEvent _left = new(1);
    private readonly List<TakenStep> _trace = [];
    private int _steps;

    /// <summary>Whether the accesses of plain fields are steps, too.</summary>
    internal bool StepsAtFields { get; private init; }

    /// <summary>What went wrong, first.</summary>
    internal string? Failure { get; private set; }

    /// <summary>Whether it failed because the trial did something else than the last time.</summary>
    internal bool HasDiverged { get; private set; }

    /// <summary>Whether it went wrong: then what is left of the threads runs freely to its end, and who waits is thrown out.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>How many steps were made.</summary>
    internal int Steps => _steps;

    /// <summary>Who holds what, and how often.</summary>
    internal Dictionary<object, Hold> Holds { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The steps that were taken.</summary>
    internal IReadOnlyList<TakenStep> Trace => _trace;

    /// <summary>Who went on, each time that several could.</summary>
    internal IEnumerable<int> Choices => _trace.Where(step => step.IsChosen).Select(step => step.Thread);

    /// <summary>Runs a trial's threads, and then its check.</summary>
    internal static Execution Run(Trial trial, Func<IReadOnlyList<int>, int, int> choose, IReadOnlyList<TakenStep>? known = null)
    {
        Execution execution = new(choose, known ?? []) { StepsAtFields = trial.StepsAtFields };
        foreach (Action work in trial.Threads)
        {
            _ = execution.Add(work);
        }

        execution._left.Signal();
        execution.GoOn(null);
        for (int seen = -1; !execution._left.Wait(s_patience);)
        {
            if (seen == (seen = Volatile.Read(ref execution._steps)))
            {
                execution.Fail("A thread is blocked by something that is not under control:\n" + execution.Positions());
                return execution;
            }
        }

        execution._threads.ForEach(thread => thread.Join());
        try
        {
            if (!execution.IsOver)
            {
                trial.Check?.Invoke();
            }
        }
        catch (Exception e)
        {
            execution.Fail("At the end: " + e);
        }

        trial.Clean?.Invoke();
        return execution;
    }

    /// <summary>Notes that the trial did not do the same again.</summary>
    internal void Diverge(string how)
    {
        HasDiverged = true;
        Fail("The trial did not do the same again: " + how);
    }

    /// <summary>A step of the running thread: somebody goes on, perhaps another one.</summary>
    internal void Step(ControlledThread running)
    {
        // What goes on freely after a failure must come to an end, too.
        if (Interlocked.Increment(ref _steps) > 2 * MaxSteps || (IsOver && running.IsReady is not null))
        {
            throw new ScheduleOverException();
        }

        if (_steps > MaxSteps)
        {
            Fail($"It did not end within {MaxSteps} steps:\n" + Positions());
        }

        if (!IsOver)
        {
            GoOn(running);
        }
    }

    /// <summary>Notes that a thread ended.</summary>
    internal void End(ControlledThread thread, Exception? failure)
    {
        thread.HasEnded = true;
        if (failure is not null and not ScheduleOverException)
        {
            Fail($"Thread {(char)('A' + thread.Number)} ended with {failure}");
        }

        if (!IsOver && !_threads.TrueForAll(one => one.HasEnded))
        {
            GoOn(thread);
        }

        _left.Signal();
    }

    /// <summary>Adds a thread, which waits for its first turn.</summary>
    internal ControlledThread Add(Action work)
    {
        _left.AddCount();
        ControlledThread thread = new(this, _threads.Count, work);
        _threads.Add(thread);
        return thread;
    }

    private void GoOn(ControlledThread? from)
    {
        List<int> able = Able(thread => thread.IsReady is null || thread.IsReady());
        if (able.Count == 0)
        {
            // Time passes only where nothing else can happen.
            able = Able(thread => thread.MayTimeOut);
        }

        if (able.Count == 0)
        {
            Fail("Nobody can go on:\n" + Positions());
            if (from is { HasEnded: false })
            {
                throw new ScheduleOverException();
            }

            return;
        }

        int running = from is { HasEnded: false } && able.Contains(from.Number) ? from.Number : -1;
        int choice = able.Count == 1 ? able[0] : choose(able, running);
        if (!able.Contains(choice))
        {
            Diverge("a decision had other threads to choose from than before.");
            return;
        }

        ControlledThread next = _threads[choice];
        TakenStep step = next.Next with { IsChosen = able.Count > 1 };
        if (_trace.Count < known.Count && known[_trace.Count] != step)
        {
            Diverge($"a step was\n  {known[_trace.Count]}\nand is now\n  {step}");
            return;
        }

        _trace.Add(step);
        if (next != from)
        {
            next.GoOn();
            if (from is { HasEnded: false })
            {
                from.Wait();
                if (IsOver && from.IsReady is not null)
                {
                    throw new ScheduleOverException();
                }
            }
        }
    }

    private List<int> Able(Predicate<ControlledThread> isAble) =>
        [.. _threads.Where(thread => !thread.HasEnded && isAble(thread)).Select(thread => thread.Number)];

    private void Fail(string failure)
    {
        if (IsOver)
        {
            return;
        }

        Failure = failure;
        IsOver = true;
        _threads.ForEach(thread => thread.GoOn());
    }

    private string Positions() => string.Join('\n', _threads.Select(thread => $"  {thread.Next}{(thread.HasEnded ? ", and has ended" : "")}"));

    /// <summary>How somebody holds a lock.</summary>
    internal sealed class Hold(int number)
    {
        /// <summary>Which lock it is, counted from 1 as they come up.</summary>
        internal int Number => number;

        internal ControlledThread? Owner { get; set; }

        internal int Count { get; set; }

        /// <summary>Who reads, where it is a lock for readers and writers.</summary>
        internal List<ControlledThread> Readers { get; } = [];

        /// <summary>How many wait to write.</summary>
        internal int Writers { get; set; }

        /// <summary>Who waits to be woken, longest first.</summary>
        internal List<ControlledThread> Waiting { get; } = [];

        internal bool IsFreeFor(ControlledThread thread) => Owner is null || Owner == thread;
    }
}

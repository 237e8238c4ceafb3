using System.Diagnostics.CodeAnalysis;

namespace RonKms.Schedules.Engine;

/// <summary>A thread of a trial, which runs when it is told to.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Nobody asks for its wait handle, and there is nothing else to free.")]
internal sealed class ControlledThread
{
    [ThreadStatic]
    private static ControlledThread? t_current;

    private readonly SemaphoreSlim _turn = new(0);
    private readonly Thread _thread;

    internal ControlledThread(Execution execution, int number, Action work)
    {
        Execution = execution;
        Number = number;
        Next = new TakenStep(number, "begins");
        _thread = new Thread(() => Run(work), 512 * 1024) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The calling thread, where it is one of a trial.</summary>
    internal static ControlledThread? Current => t_current;

    internal Execution Execution { get; }

    internal int Number { get; }

    /// <summary>What it does next.</summary>
    internal TakenStep Next { get; private set; }

    /// <summary>Whether it can do so; <see langword="null"/> for always.</summary>
    internal Func<bool>? IsReady { get; private set; }

    /// <summary>Whether it goes on in time even so.</summary>
    internal bool MayTimeOut { get; private set; }

    internal bool HasEnded { get; set; }

    /// <summary>Locks that it entered by a scope, innermost last.</summary>
    internal Stack<Lock> Scopes { get; } = [];

    /// <summary>Comes to a step, and goes on when it is this thread's turn.</summary>
    internal void Step(string what, Execution.Hold? of = null, Func<bool>? isReady = null, bool mayTimeOut = false)
    {
        Next = new TakenStep(Number, what, of?.Number ?? 0);
        IsReady = isReady;
        MayTimeOut = mayTimeOut;
        Execution.Step(this);
        IsReady = null;
    }

    internal void GoOn() => _turn.Release();

    internal void Wait() => _turn.Wait();

    internal void Join() => _thread.Join();

    private void Run(Action work)
    {
        t_current = this;
        _turn.Wait();
        Exception? failure = null;
        try
        {
            work();
        }
        catch (Exception e)
        {
            failure = e;
        }

        Execution.End(this, failure);
    }
}

namespace RonKms.Benchmarks;

/// <summary>Threads that do their work side by side; the caller's thread is one of them.</summary>
/// <remarks>They wait for each other without sleeping: waking up would take longer than what is measured.</remarks>
internal sealed class ThreadGroup : IDisposable
{
    private readonly Thread[] _others;
    private Action<int>[]? _work;
    private int _count;
    private int _asked;
    private int _done;

    /// <summary>Starts the threads.</summary>
    /// <param name="size">How many, with the caller's.</param>
    internal ThreadGroup(int size)
    {
        _others = [.. Enumerable.Range(1, size - 1).Select(place => new Thread(() => Follow(place)) { IsBackground = true })];
        Array.ForEach(_others, thread => thread.Start());
    }

    /// <summary>Runs all pieces of work and returns when all are done.</summary>
    /// <param name="work">One a thread.</param>
    /// <param name="count">How often each does its work.</param>
    internal void Run(Action<int>[] work, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(work.Length, _others.Length + 1);
        _work = work;
        _count = count;
        _done = 0;
        Volatile.Write(ref _asked, _asked + 1);
        work[0](count);
        SpinWait wait = default;
        while (Volatile.Read(ref _done) != _others.Length)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    public void Dispose()
    {
        _work = null;
        Volatile.Write(ref _asked, _asked + 1);
        Array.ForEach(_others, thread => thread.Join());
    }

    private void Follow(int place)
    {
        for (int seen = 0; ; seen++)
        {
            SpinWait wait = default;
            while (Volatile.Read(ref _asked) == seen)
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }

            if (_work is null)
            {
                return;
            }

            _work[place](_count);
            Interlocked.Increment(ref _done);
        }
    }
}

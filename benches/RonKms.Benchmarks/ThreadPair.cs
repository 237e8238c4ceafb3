namespace RonKms.Benchmarks;

/// <summary>Two threads that do their work side by side; the caller's thread is one of them.</summary>
/// <remarks>They wait for each other without sleeping: waking up would take longer than what is measured.</remarks>
internal sealed class ThreadPair : IDisposable
{
    private readonly Thread _other;
    private Action<int>? _work;
    private int _count;
    private int _asked;
    private int _done;

    internal ThreadPair()
    {
        _other = new Thread(Follow) { IsBackground = true };
        _other.Start();
    }

    /// <summary>Runs both pieces of work and returns when both are done.</summary>
    internal void Run(Action<int> here, Action<int> there, int count)
    {
        _work = there;
        _count = count;
        Volatile.Write(ref _asked, _asked + 1);
        here(count);
        SpinWait wait = default;
        while (Volatile.Read(ref _done) != _asked)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    public void Dispose()
    {
        _work = null;
        Volatile.Write(ref _asked, _asked + 1);
        _other.Join();
    }

    private void Follow()
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

            _work(_count);
            Volatile.Write(ref _done, seen + 1);
        }
    }
}

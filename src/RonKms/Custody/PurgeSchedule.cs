namespace RonKms.Custody;

/// <summary>Destroys keys when their purge time comes. One timer for all of them.</summary>
internal sealed class PurgeSchedule : IDisposable
{
    // Timers do not reach further than some weeks; this one is wound up again.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<KeyId, long> _due = new();
    private readonly TimeProvider _time;
    private readonly Func<long> _nowMs;
    private readonly Action<KeyId> _purge;
    private readonly Action<Exception> _failed;
    private ITimer? _timer;
    private bool _disposed;

    /// <summary>Prepares the schedule.</summary>
    /// <param name="time">Where the timer comes from.</param>
    /// <param name="nowMs">The store's idea of now.</param>
    /// <param name="purge">Destroys a key.</param>
    /// <param name="failed">Told what that threw.</param>
    internal PurgeSchedule(TimeProvider time, Func<long> nowMs, Action<KeyId> purge, Action<Exception> failed)
    {
        _time = time;
        _nowMs = nowMs;
        _purge = purge;
        _failed = failed;
    }

    internal void Add(KeyId key, long purgeAtMs)
    {
        lock (_lock)
        {
            _due.Enqueue(key, purgeAtMs);
            WindUp();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void WindUp()
    {
        if (_disposed || !_due.TryPeek(out _, out long nextMs))
        {
            return;
        }

        _timer ??= _time.CreateTimer(static state => ((PurgeSchedule)state!).PurgeDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        long waitMs = Math.Clamp(nextMs - _nowMs(), 0, (long)s_longestWait.TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(waitMs), Timeout.InfiniteTimeSpan);
    }

    private void PurgeDue()
    {
        List<KeyId> keys = [];
        lock (_lock)
        {
            long now = _nowMs();
            while (!_disposed && _due.TryPeek(out KeyId? key, out long purgeAtMs) && purgeAtMs <= now)
            {
                keys.Add(key);
                _due.Dequeue();
            }

            WindUp();
        }

        foreach (KeyId key in keys)
        {
            try
            {
                _purge(key);
            }
            catch (Exception e)
            {
                // Whatever it is, guards' own exceptions too: on a timer's thread it would end the process.
                _failed(e);
            }
        }
    }
}

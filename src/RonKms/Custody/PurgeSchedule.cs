namespace RonKms.Custody;

/// <summary>Destroys keys when their purge time comes. One timer for all of them.</summary>
internal sealed class PurgeSchedule : IDisposable
{
    // Timers do not reach further than some weeks; this one is wound up again.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<KeyId, long> _due = new();
    private readonly TimeProvider _time;
    private readonly Action<KeyId> _purge;
    private readonly Action<Exception> _failed;
    private ITimer? _timer;
    private bool _disposed;

    internal PurgeSchedule(TimeProvider time, Action<KeyId> purge, Action<Exception> failed)
    {
        _time = time;
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
        long waitMs = Math.Clamp(nextMs - _time.GetUtcNow().ToUnixTimeMilliseconds(), 0, (long)s_longestWait.TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(waitMs), Timeout.InfiniteTimeSpan);
    }

    private void PurgeDue()
    {
        List<KeyId> keys = [];
        lock (_lock)
        {
            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
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
            catch (Exception e) when (e is KmsException or ObjectDisposedException)
            {
                _failed(e);
            }
        }
    }
}

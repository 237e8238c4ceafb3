namespace RonKms.Capabilities;

/// <summary>Values with the time until which they are remembered, never more than so many. Thread-safe.</summary>
internal sealed class ExpiringSet<T>(int capacity, TimeProvider time)
    where T : notnull
{
    private readonly Lock _lock = new();
    private readonly HashSet<T> _values = [];
    private readonly PriorityQueue<T, DateTimeOffset> _byExpiry = new();
    private DateTimeOffset _forgottenUpTo = DateTimeOffset.MinValue;

    internal bool Contains(T value)
    {
        lock (_lock)
        {
            return _values.Contains(value);
        }
    }

    /// <summary>Adds a value, forgetting those whose time is over only where room is needed.</summary>
    internal ExpiringSetResult Add(T value, DateTimeOffset expiresAt)
    {
        lock (_lock)
        {
            // Where the clock was set back, what was forgotten may seem to be in time again.
            if (_values.Contains(value) || expiresAt <= _forgottenUpTo)
            {
                return ExpiringSetResult.Known;
            }

            while (_values.Count >= capacity)
            {
                _ = _byExpiry.TryPeek(out T? oldest, out DateTimeOffset end);
                if (end > time.GetUtcNow())
                {
                    return ExpiringSetResult.Full;
                }

                _ = _byExpiry.Dequeue();
                _ = _values.Remove(oldest!);
                _forgottenUpTo = end;
            }

            _ = _values.Add(value);
            _byExpiry.Enqueue(value, expiresAt);
            return ExpiringSetResult.Added;
        }
    }
}

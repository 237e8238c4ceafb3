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
    /// <param name="value">The value.</param>
    /// <param name="expiresAt">Until when it is to be remembered.</param>
    /// <param name="ifCertainlyNew">Whether one that may have been forgotten counts as known: where the clock was set back, its time may not be over again.</param>
    internal ExpiringSetResult Add(T value, DateTimeOffset expiresAt, bool ifCertainlyNew)
    {
        lock (_lock)
        {
            if (_values.Contains(value) || (ifCertainlyNew && expiresAt <= _forgottenUpTo))
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
                _forgottenUpTo = end > _forgottenUpTo ? end : _forgottenUpTo;
            }

            _ = _values.Add(value);
            _byExpiry.Enqueue(value, expiresAt);
            return ExpiringSetResult.Added;
        }
    }
}

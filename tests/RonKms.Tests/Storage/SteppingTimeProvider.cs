namespace RonKms.Tests.Storage;

/// <summary>A clock that stands still, and jumps over every wait.</summary>
internal sealed class SteppingTimeProvider(Action<int>? onWait = null) : TimeProvider
{
    private long _now;

    /// <summary>How often was waited.</summary>
    internal int Waits { get; private set; }

    /// <summary>How far the clock went.</summary>
    internal TimeSpan Elapsed => TimeSpan.FromTicks(_now);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits++;
        onWait?.Invoke(Waits);
        _now += dueTime.Ticks;
        callback(state);
        return new FiredTimer();
    }

    private sealed class FiredTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

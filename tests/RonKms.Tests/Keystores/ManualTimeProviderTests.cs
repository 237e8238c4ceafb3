using RonKms.Testing;

namespace RonKms.Tests.Keystores;

public sealed class ManualTimeProviderTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _fired = [];
    private readonly DateTimeOffset _start;

    public ManualTimeProviderTests() => _start = _time.GetUtcNow();

    [Fact]
    public void Time_stands_still_until_it_is_advanced()
    {
        long stamp = _time.GetTimestamp();
        Assert.Equal(_start, _time.GetUtcNow());

        _time.Advance(90 * s_second);

        Assert.Equal(_start + (90 * s_second), _time.GetUtcNow());
        Assert.Equal(90 * s_second, _time.GetElapsedTime(stamp));
        Assert.Throws<ArgumentOutOfRangeException>(() => _time.Advance(-s_second));
    }

    [Fact]
    public void Timers_fire_when_they_are_due_in_their_order_and_see_the_time_they_are_due_at()
    {
        Timer("b", 2);
        Timer("a", 1);
        Timer("c", 2);
        Timer("never", 10);

        _time.Advance(5 * s_second);

        Assert.Equal(["a 1", "b 2", "c 2"], _fired);
        Assert.Equal(1, _time.ArmedTimers);
    }

    [Fact]
    public void A_period_fires_again_and_again_until_the_timer_is_changed_or_disposed()
    {
        ITimer timer = Timer("a", 1, period: 2);
        _time.Advance(6 * s_second);
        Assert.Equal(["a 1", "a 3", "a 5"], _fired);

        Assert.True(timer.Change(4 * s_second, Timeout.InfiniteTimeSpan));
        _time.Advance(10 * s_second);
        Assert.Equal(["a 1", "a 3", "a 5", "a 10"], _fired);

        timer.Change(s_second, s_second);
        timer.Dispose();
        Assert.False(timer.Change(s_second, s_second));
        _time.Advance(10 * s_second);
        Assert.Equal(4, _fired.Count);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public void A_timer_that_is_made_by_a_timer_fires_in_the_same_advance()
    {
        using ITimer outer = _time.CreateTimer(_ => Timer("inner", 1), null, s_second, Timeout.InfiniteTimeSpan);

        _time.Advance(3 * s_second);

        Assert.Equal(["inner 2"], _fired);
    }

    [Fact]
    public void Setting_the_clock_lets_no_time_pass()
    {
        Timer("a", 60);
        long stamp = _time.GetTimestamp();

        _time.SetUtcNow(_start + (3600 * s_second));
        _time.Advance(TimeSpan.Zero);
        Assert.Empty(_fired);
        Assert.Equal(TimeSpan.Zero, _time.GetElapsedTime(stamp));

        _time.SetUtcNow(_start - (3600 * s_second));
        _time.Advance(60 * s_second);
        Assert.Equal(["a -3540"], _fired);
    }

    [Fact]
    public void A_timer_that_is_due_at_once_waits_for_the_next_advance()
    {
        Timer("a", 0);
        Assert.Empty(_fired);

        _time.Advance(TimeSpan.Zero);

        Assert.Equal(["a 0"], _fired);
    }

    private ITimer Timer(string name, int due, int? period = null) => _time.CreateTimer(
        _ => _fired.Add($"{name} {(_time.GetUtcNow() - _start).TotalSeconds}"),
        null,
        due * s_second,
        period is { } each ? each * s_second : Timeout.InfiniteTimeSpan);
}

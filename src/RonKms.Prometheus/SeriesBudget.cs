namespace RonKms.Prometheus;

/// <summary>How many series there may be, over all families, and how much was measured for those beyond. Thread-safe.</summary>
internal sealed class SeriesBudget(int max)
{
    private int _taken;
    private long _dropped;

    internal long Dropped => Interlocked.Read(ref _dropped);

    internal bool TryTake()
    {
        bool fits = Interlocked.Increment(ref _taken) <= max;
        if (!fits)
        {
            GiveBack(1);
        }

        return fits;
    }

    internal void GiveBack(int series) => Interlocked.Add(ref _taken, -series);

    internal void Drop() => Interlocked.Increment(ref _dropped);
}

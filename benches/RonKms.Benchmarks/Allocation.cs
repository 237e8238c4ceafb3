using System.Globalization;

namespace RonKms.Benchmarks;

/// <summary>How many bytes of the managed heap a piece of work takes.</summary>
internal static class Allocation
{
    /// <summary>Measures bytes each time. The work must be warm.</summary>
    /// <param name="name">The figure's name.</param>
    /// <param name="work">The work.</param>
    /// <param name="count">How often it is done.</param>
    /// <param name="allowed">How many bytes it may be.</param>
    internal static Figure Measure(string name, Action<int> work, int count = 10_000, double allowed = 0)
    {
        work(count);
        long before = GC.GetAllocatedBytesForCurrentThread();
        work(count);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return new Figure(name, Estimate.Exactly((double)bytes / count), allowed, string.Create(
            CultureInfo.InvariantCulture, $"{bytes} bytes in {count} times"));
    }
}

using System.Globalization;

namespace RonKms.Benchmarks;

/// <summary>How many bytes of the managed heap a piece of work takes.</summary>
internal static class Allocation
{
    private const int Count = 10_000;

    /// <summary>Measures bytes each time, none being allowed. The work must be warm.</summary>
    internal static Figure Measure(string name, Action<int> work)
    {
        work(Count);
        long before = GC.GetAllocatedBytesForCurrentThread();
        work(Count);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return new Figure(name, Estimate.Exactly((double)bytes / Count), 0, string.Create(
            CultureInfo.InvariantCulture, $"{bytes} bytes in {Count} times"));
    }
}

using System.Globalization;

namespace RonKms.Benchmarks;

/// <summary>How many bytes of the managed heap a piece of work takes.</summary>
internal static class Allocation
{
    /// <summary>Measures bytes each time, none being allowed. The work must be warm.</summary>
    internal static Figure Measure(string name, Action<int> work, int count = 10_000)
    {
        work(count);
        long before = GC.GetAllocatedBytesForCurrentThread();
        work(count);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return new Figure(name, Estimate.Exactly((double)bytes / count), 0, string.Create(
            CultureInfo.InvariantCulture, $"{bytes} bytes in {count} times"));
    }
}

using System.Diagnostics;
using System.Globalization;

namespace RonKms.Benchmarks;

/// <summary>How many times longer one piece of work takes than another, on a machine whose speed changes by itself.</summary>
/// <remarks>
/// Both sides run in turns within rounds of some 10 ms, A B B A and then B A A B, so that a change of speed and a drift hit both alike;
/// each round gives one ratio.
/// </remarks>
internal static class PairedRatio
{
    private const int Rounds = 300;
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(2.5);

    // Tiered compilation with its instrumented steps takes a second or two to settle.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);

    /// <summary>Measures.</summary>
    /// <param name="name">The figure's name.</param>
    /// <param name="limit">The most that the ratio may be.</param>
    /// <param name="subject">What is looked at; does its work as often as it is told.</param>
    /// <param name="reference">What it is compared with.</param>
    internal static Figure Measure(string name, double limit, Action<int> subject, Action<int> reference)
    {
        int count = WarmUp(subject, reference);
        double[] ratios = new double[Rounds];
        double[] subjects = new double[Rounds];
        double[] references = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            (Action<int> outer, Action<int> inner) = i % 2 == 0 ? (reference, subject) : (subject, reference);
            double outerTime = Time(outer, count);
            double innerTime = Time(inner, count) + Time(inner, count);
            outerTime += Time(outer, count);
            (references[i], subjects[i]) = i % 2 == 0 ? (outerTime, innerTime) : (innerTime, outerTime);
            ratios[i] = subjects[i] / references[i];
        }

        Estimate ratio = Estimate.Of(ratios);
        return new Figure(name, ratio, limit, string.Create(
            CultureInfo.InvariantCulture,
            $"{ratio}, {Microseconds(subjects):0.00} µs against {Microseconds(references):0.00} µs, {Rounds} rounds of 4 times {count}"));

        double Microseconds(double[] times) => Estimate.Of(times).Median / (2 * count) * 1e6;
    }

    /// <summary>Runs both sides until they are as fast as they get.</summary>
    /// <returns>How often the reference does its work in a slice.</returns>
    private static int WarmUp(Action<int> subject, Action<int> reference)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        int count = 1;
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < s_warmUp;)
        {
            double time = Math.Min(Time(reference, count), Time(reference, count));
            Time(subject, count);
            Time(subject, count);
            count = (int)Math.Clamp(count * s_slice.TotalSeconds / time, 1, 2 * count);
        }

        return count;
    }

    private static double Time(Action<int> work, int count)
    {
        long started = Stopwatch.GetTimestamp();
        work(count);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace RonKms.Benchmarks.Timing;

/// <summary>Whether the time of some work depends on which of two classes its secret is of: Welch's t-test, after dudect.</summary>
/// <remarks>
/// Each measurement draws its class at random, prepares the work outside the time taken, and times it once. Programs beside it and
/// interrupts make a long tail that hides differences, so t is computed for the whole sample and for what lies below each of several
/// percentiles of both classes together; the largest |t| counts. Beyond 10 the times differ; below 4.5 nothing was found with so many
/// measurements, which is not a proof that nothing is there. Source: Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?", 2017.
/// </remarks>
/// <param name="T">The largest |t|.</param>
/// <param name="Difference">What the means differ by there, in nanoseconds.</param>
/// <param name="Count">How many measurements of both classes together.</param>
internal readonly record struct TimingTest(double T, double Difference, int Count)
{
    // The |t| beyond which times differ.
    private const double Most = 10;

    private const int WarmUps = 3_000;
    private static readonly double[] s_percentiles = [1, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25];

    /// <summary>Whether the classes' times differ.</summary>
    internal bool Differs => T > Most;

    /// <summary>Measures.</summary>
    /// <param name="count">How many measurements of both classes together.</param>
    /// <param name="prepare">Puts an input of the class in place, untimed.</param>
    /// <param name="work">What is timed.</param>
    /// <returns>What was found.</returns>
    internal static TimingTest Measure(int count, Action<bool> prepare, Action work)
    {
        byte[] classes = RandomNumberGenerator.GetBytes(count);
        long[] times = new long[count];
        for (int i = -WarmUps; i < count; i++)
        {
            int place = Math.Max(i, 0);
            prepare((classes[place] & 1) != 0);
            long started = Stopwatch.GetTimestamp();
            work();
            times[place] = Stopwatch.GetTimestamp() - started;
        }

        long[] sorted = [.. times.Order()];
        return s_percentiles.Select(percentile => Below(sorted[(int)((count - 1) * percentile)], classes, times)).MaxBy(test => test.T);
    }

    /// <summary>For people and scripts: t, the number of measurements, and the difference in nanoseconds.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{T:0.0} {Count} {Difference:0.00} ns");

    private static TimingTest Below(long most, byte[] classes, long[] times)
    {
        Span<double> n = stackalloc double[2];
        Span<double> mean = stackalloc double[2];
        Span<double> squares = stackalloc double[2];
        n.Clear();
        mean.Clear();
        squares.Clear();
        for (int i = 0; i < times.Length; i++)
        {
            if (times[i] <= most)
            {
                // Welford's way, which loses nothing to large sums.
                int c = classes[i] & 1;
                n[c]++;
                double delta = times[i] - mean[c];
                mean[c] += delta / n[c];
                squares[c] += delta * (times[i] - mean[c]);
            }
        }

        double variance = (squares[0] / (n[0] - 1) / n[0]) + (squares[1] / (n[1] - 1) / n[1]);
        double difference = Math.Abs(mean[0] - mean[1]);
        return new(variance > 0 ? difference / Math.Sqrt(variance) : 0, difference * 1e9 / Stopwatch.Frequency, times.Length);
    }
}

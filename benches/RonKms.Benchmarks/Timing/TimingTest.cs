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
internal static class TimingTest
{
    /// <summary>The |t| beyond which times differ.</summary>
    internal const double Differs = 10;

    private const int WarmUps = 3_000;
    private static readonly double[] s_percentiles = [1, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25];

    /// <summary>Measures.</summary>
    /// <param name="count">How many measurements of both classes together.</param>
    /// <param name="prepare">Puts an input of the class in place, untimed.</param>
    /// <param name="work">What is timed.</param>
    /// <returns>The largest |t|.</returns>
    internal static double Measure(int count, Action<bool> prepare, Action work)
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
        double largest = 0;
        foreach (double percentile in s_percentiles)
        {
            long most = sorted[(int)((count - 1) * percentile)];
            largest = Math.Max(largest, Math.Abs(T(classes, times, most)));
        }

        return largest;
    }

    /// <summary>A line for people.</summary>
    internal static string Line(string name, int count, double t) => string.Create(
        CultureInfo.InvariantCulture, $"{name} {t:0.0} {count}");

    private static double T(byte[] classes, long[] times, long most)
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
        return variance > 0 ? (mean[0] - mean[1]) / Math.Sqrt(variance) : 0;
    }
}

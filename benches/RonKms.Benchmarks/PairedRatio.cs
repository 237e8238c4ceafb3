using System.Diagnostics;
using System.Globalization;

namespace RonKms.Benchmarks;

/// <summary>How many times longer one piece of work takes than another, on a machine whose speed changes by itself.</summary>
/// <remarks>
/// A round of some 10 ms runs both sides in turns, A B B A A B B A …, in slices of half a millisecond, so that a change of speed and a
/// drift hit both alike. It gives one ratio, of the sides' median slices: other programs take the processor away for milliseconds, which
/// spoils a few slices of either side. What one side allocates is not seen here, where it costs less than every second slice; it is a figure of its own.
/// </remarks>
internal static class PairedRatio
{
    private const int ManyRounds = 300;
    private const int SlicesOfEach = 10;
    private const int StackStep = 48;
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(0.5);

    // Tiered compilation with its instrumented steps takes a second or two to settle.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);

    /// <summary>Measures.</summary>
    /// <param name="name">The figure's name.</param>
    /// <param name="limit">The most that the ratio may be.</param>
    /// <param name="subject">What is looked at; does its work as often as it is told.</param>
    /// <param name="reference">What it is compared with.</param>
    /// <param name="repeat">How often the subject runs for each time of a reference that takes far longer; the ratio is still of one to one.</param>
    /// <param name="rounds">How many rounds; fewer where a slice takes longer than half a millisecond because the work does.</param>
    /// <param name="batch">How often both do their work at least in a slice, where one time says little: work whose time scatters by itself.</param>
    internal static Figure Measure(
        string name, double limit, Action<int> subject, Action<int> reference, int repeat = 1, int rounds = ManyRounds, int batch = 1)
    {
        Action<int> repeated = n => subject(n * repeat * batch);
        Action<int> batched = n => reference(n * batch);
        int count = WarmUp(repeated, batched);
        double[] ratios = new double[rounds];
        double[] subjects = new double[rounds];
        double[] references = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            (subjects[i], references[i]) = Round(repeated, batched, count);
            subjects[i] /= repeat;
            ratios[i] = subjects[i] / references[i];
        }

        Estimate ratio = Estimate.Of(ratios);
        return new Figure(name, ratio, limit, string.Create(
            CultureInfo.InvariantCulture,
            $"{ratio}; {Microseconds(subjects):0.00} µs against {Microseconds(references):0.00} µs, {rounds} rounds"));

        double Microseconds(double[] times) => Estimate.Of(times).Median / count / batch * 1e6;
    }

    /// <summary>Measures work that several threads do side by side, each side one piece a thread.</summary>
    internal static Figure MeasureThreads(
        string name, double limit, ThreadGroup threads, Action<int>[] subjects, Action<int>[] references, int rounds = ManyRounds, int batch = 1) =>
        Measure(name, limit, n => threads.Run(subjects, n), n => threads.Run(references, n), rounds: rounds, batch: batch);

    private static (double Subject, double Reference) Round(Action<int> subject, Action<int> reference, int count)
    {
        Span<double> subjects = stackalloc double[SlicesOfEach];
        Span<double> references = stackalloc double[SlicesOfEach];
        for (int i = 0; i < SlicesOfEach; i++)
        {
            if (i % 2 == 0)
            {
                references[i] = Time(reference, count, i);
                subjects[i] = Time(subject, count, i);
            }
            else
            {
                subjects[i] = Time(subject, count, i);
                references[i] = Time(reference, count, i);
            }
        }

        return (Median(subjects), Median(references));
    }

    private static double Median(Span<double> values)
    {
        values.Sort();
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
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
            double time = Round(subject, reference, count).Reference;
            count = (int)Math.Clamp(count * s_slice.TotalSeconds / time, 1, 2 * count);
        }

        return count;
    }

    /// <summary>Times some work with the stack moved to one of several places.</summary>
    /// <remarks>Native code is some percent faster or slower by where its frame happens to lie, which says nothing of what calls it.</remarks>
    private static double Time(Action<int> work, int count, int place)
    {
        Span<byte> moved = stackalloc byte[StackStep * (place + 1)];
        moved[^1] = 1;
        long started = Stopwatch.GetTimestamp();
        work(count);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}

using System.Diagnostics;
using System.Globalization;

namespace RonKms.Benchmarks;

/// <summary>Runs the small program beside this one as a process of its own.</summary>
internal static class StartProbe
{
    private const int Rounds = 21;

    /// <summary>How much longer a process takes that signs once than one that does nothing, in milliseconds. Short only if no round is within the limit.</summary>
    internal static Figure MeasureFirstSignature(string name, double limit)
    {
        double[] empty = new double[Rounds];
        double[] sign = new double[Rounds];
        Run("empty");
        Run("sign");
        for (int i = 0; i < Rounds; i++)
        {
            empty[i] = Time("empty");
            sign[i] = Time("sign") + Time("sign");
            empty[i] += Time("empty");
        }

        // Other programs only ever make a process slower, for as long as they run: the fastest round tells what the limit is about.
        double[] differences = [.. sign.Zip(empty, (a, b) => (a - b) / 2)];
        Estimate difference = Estimate.Of(differences) with { Low = differences.Min() };
        return new Figure(name, difference, limit, string.Create(
            CultureInfo.InvariantCulture,
            $"{difference.Median:0.0} ms, at best {difference.Low:0.0} ms; {Estimate.Of(sign).Median / 2:0.0} ms from start to exit with a signature, {Estimate.Of(empty).Median / 2:0.0} ms without, {Rounds} rounds of 2 and 2"));
    }

    /// <summary>How much memory a process has at its peak that makes and opens many keys, in MiB.</summary>
    internal static Figure MeasureKeys(string name, int count, double limit)
    {
        const double MiB = 1 << 20;
        double[] values = [.. Run("keys", count.ToString(CultureInfo.InvariantCulture)).Split(' ')
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return new Figure(name, Estimate.Exactly(Math.Round(values[1] / MiB)), limit, string.Create(
            CultureInfo.InvariantCulture,
            $"peak {values[1] / MiB:0} MiB, at the end {values[0] / MiB:0} MiB; {count} keys made in {values[2] / 1000:0.0} s and opened in {values[3] / 1000:0.0} s"));
    }

    private static double Time(string mode)
    {
        long started = Stopwatch.GetTimestamp();
        Run(mode);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static string Run(params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "RonKms.StartProbe"), arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"The probe ended with {process.ExitCode}.");
    }
}

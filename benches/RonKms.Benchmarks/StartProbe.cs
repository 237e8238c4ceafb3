using System.Diagnostics;
using System.Globalization;

namespace RonKms.Benchmarks;

/// <summary>Runs the small program beside this one as a process of its own.</summary>
internal static class StartProbe
{
    private const int Rounds = 21;

    /// <summary>How much longer a process takes that signs once than one that does nothing, in milliseconds.</summary>
    /// <remarks>A round counts the processor's time where that is shorter than the clock's: the rest is waiting for other programs to let go.</remarks>
    internal static Figure MeasureFirstSignature(string name, double limit)
    {
        ProcessTime[] empty = new ProcessTime[Rounds];
        ProcessTime[] sign = new ProcessTime[Rounds];
        Run("empty");
        Run("sign");
        for (int i = 0; i < Rounds; i++)
        {
            ProcessTime before = Time("empty");
            sign[i] = (Time("sign") + Time("sign")) / 2;
            empty[i] = (before + Time("empty")) / 2;
        }

        ProcessTime[] differences = [.. sign.Zip(empty, (a, b) => a - b)];
        Estimate shorter = Estimate.Of(differences.Select(difference => Math.Min(difference.Clock, difference.Processor)));
        return new Figure(name, shorter, limit, string.Create(
            CultureInfo.InvariantCulture,
            $"{shorter} ms; by the clock {Median(differences):0.0} ms, {Median(sign):0.0} ms from start to exit with a signature and {Median(empty):0.0} ms without; {Rounds} rounds of 2 and 2"));

        static double Median(ProcessTime[] times) => Estimate.Of(times.Select(time => time.Clock)).Median;
    }

    /// <summary>How much memory a process has at its peak that makes and opens many keys, in MiB.</summary>
    internal static Figure MeasureKeys(string name, int count, double limit)
    {
        const double MiB = 1 << 20;
        double[] values = Numbers("keys", count.ToString(CultureInfo.InvariantCulture));
        return new Figure(name, Estimate.Exactly(Math.Round(values[1] / MiB)), limit, string.Create(
            CultureInfo.InvariantCulture,
            $"peak {values[1] / MiB:0} MiB, at the end {values[0] / MiB:0} MiB; {count} keys made in {values[2] / 1000:0.0} s and opened in {values[3] / 1000:0.0} s"));
    }

    /// <summary>How much memory a process has at its peak that opens a store of many keys and signs with each, in MiB.</summary>
    internal static Figure MeasureOpenStore(string name, string place, string kekFile, int count, double limit)
    {
        const double MiB = 1 << 20;
        double[] values = Numbers("open", place, kekFile);
        return new Figure(name, Estimate.Exactly(Math.Round(values[2] / MiB)), limit, string.Create(
            CultureInfo.InvariantCulture,
            $"peak {values[2] / MiB:0} MiB, {values[1] / MiB:0} MiB when it was open; {count} keys, opened in {values[0] / 1000:0.0} s"));
    }

    /// <summary>How long the first operations with ML-KEM-768 of a process take, their compilation with them, in milliseconds.</summary>
    internal static IEnumerable<Figure> MeasureFirstKem(double limit)
    {
        double[][] rounds = [.. Enumerable.Range(0, Rounds).Select(_ => Numbers("kem"))];
        string[] operations = ["keygen", "encapsulate", "decapsulate"];
        return operations.Select((operation, place) =>
        {
            Estimate first = Estimate.Of(rounds.Select(times => times[place]));
            return new Figure($"mlkem768-first-{operation}-ms", first, limit, $"{first} ms, {Rounds} processes");
        });
    }

    /// <summary>How much guarded memory many opened keys of ML-DSA-65 take, in MiB.</summary>
    internal static Figure MeasureLocked(string name, int count, double limit)
    {
        const double MiB = 1 << 20;
        double[] bytes = Numbers("locked", count.ToString(CultureInfo.InvariantCulture));
        return new Figure(name, Estimate.Exactly(Math.Round(bytes.Sum() / MiB)), limit, string.Create(
            CultureInfo.InvariantCulture, $"{bytes[0] / MiB:0.0} MiB locked, {bytes[1] / MiB:0.0} MiB that the system did not lock; {count} keys"));
    }

    private static double[] Numbers(params string[] arguments) =>
        [.. Run(arguments).Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];

    private static ProcessTime Time(string mode)
    {
        double processor = ProcessTime.OfEndedChildren();
        long started = Stopwatch.GetTimestamp();
        Run(mode);
        return new ProcessTime(Stopwatch.GetElapsedTime(started).TotalMilliseconds, ProcessTime.OfEndedChildren() - processor);
    }

    private static string Run(params string[] arguments)
    {
        // As it is by itself: what these benchmarks need, a web server among it, is not in its process.
        string probe = Path.GetFullPath("../../../../RonKms.StartProbe/bin/Release/net10.0/RonKms.StartProbe", AppContext.BaseDirectory);
        ProcessStartInfo start = new(probe, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"The probe ended with {process.ExitCode}.");
    }
}

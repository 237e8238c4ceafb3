using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace RonKms.Benchmarks.Store;

/// <summary>How long it takes to open stores of many keys, by their number, and beside reading the same journal with the platform's own means.</summary>
/// <remarks>A round opens each store, and reads the largest one's journal, in one order and then in the other, so that a change of the machine's
/// speed hits all alike. The heap is empty before each. Where the processor worked for a shorter time than the clock says, the rest was waiting
/// for other programs to let go.</remarks>
internal static class OpeningTimes
{
    private const int Rounds = 9;
    private const int Batch = 10;

    internal static IEnumerable<Figure> Measure(StoreOfKeys thousand, StoreOfKeys tenThousand, StoreOfKeys hundredThousand)
    {
        byte[] journal = File.ReadAllBytes(hundredThousand.Journal);
        Action[] work = [() => Read(journal), () => Open(hundredThousand, 1), () => Open(tenThousand, Batch), () => Open(thousand, Batch)];
        double[][] times = [.. work.Select(_ => new double[Rounds])];
        for (int i = -1; i < Rounds; i++)
        {
            // The first round is for the compiler.
            for (int j = 0; j < 2 * work.Length; j++)
            {
                int which = j < work.Length ? j : (2 * work.Length) - 1 - j;
                double time = Time(work[which]);
                if (i >= 0)
                {
                    times[which][i] += time / 2;
                }
            }
        }

        yield return Ratio("open-100k-parse", 2.5, times[1], times[0], 1);
        yield return Ratio("open-100k-10k", 1.1, times[1], times[2], (double)Batch * tenThousand.Count / hundredThousand.Count);
        yield return Ratio("open-10k-1k", 1.1, times[2], times[3], (double)thousand.Count / tenThousand.Count);
    }

    /// <param name="name">The figure's name.</param>
    /// <param name="limit">The most that it may be.</param>
    /// <param name="subject">What is looked at.</param>
    /// <param name="reference">What it is compared with.</param>
    /// <param name="scale">How many of the reference's keys there are for one of the subject's.</param>
    private static Figure Ratio(string name, double limit, double[] subject, double[] reference, double scale)
    {
        Estimate ratio = Estimate.Of(subject.Zip(reference, (a, b) => a / b * scale));
        return new Figure(name, ratio, limit, string.Create(
            CultureInfo.InvariantCulture,
            $"{ratio}; {Estimate.Of(subject).Median:0.0} ms against {Estimate.Of(reference).Median:0.0} ms, {Rounds} rounds of 2 and 2"));
    }

    private static double Time(Action work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        work();
        TimeSpan clock = Stopwatch.GetElapsedTime(started);
        TimeSpan processor = Environment.CpuUsage.TotalTime - before;
        return Math.Min(clock.TotalMilliseconds, processor.TotalMilliseconds);
    }

    private static void Open(StoreOfKeys store, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using Keystore kms = store.Open();
            if (kms.CheckHealth().Keys != store.Count)
            {
                throw new InvalidOperationException("Keys are missing.");
            }
        }
    }

    /// <summary>Takes each line's members apart and hashes the line.</summary>
    private static void Read(ReadOnlySpan<byte> journal)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        int members = 0;
        while (!journal.IsEmpty)
        {
            ReadOnlySpan<byte> line = journal[..journal.IndexOf((byte)'\n')];
            SHA256.HashData(line, digest);
            Utf8JsonReader reader = new(line);
            while (reader.Read())
            {
                members += reader.TokenType switch
                {
                    JsonTokenType.PropertyName or JsonTokenType.String => reader.GetString()!.Length > 0 ? 1 : 0,
                    JsonTokenType.Number => reader.GetInt64() >= 0 ? 1 : 0,
                    _ => 0,
                };
            }

            journal = journal[(line.Length + 1)..];
        }

        if (members == 0)
        {
            throw new InvalidOperationException("The journal is empty.");
        }
    }
}

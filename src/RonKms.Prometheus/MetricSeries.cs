namespace RonKms.Prometheus;

/// <summary>The numbers of one series. Measured without a lock, and read while it is measured.</summary>
internal sealed class MetricSeries
{
    /// <summary>Where latencies are told apart: a signature takes some ten microseconds, a flushed write milliseconds.</summary>
    private static readonly double[] s_bounds =
        [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

    private static readonly string[] s_boundTexts =
        ["1e-05", "2.5e-05", "5e-05", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1"];

    private readonly long[] _buckets;
    private long _value;
    private long _nanoseconds;

    internal MetricSeries(string labels, bool isHistogram)
    {
        Labels = labels;
        _buckets = isHistogram ? new long[s_bounds.Length + 1] : [];
    }

    /// <summary>The labels as they are written, without braces.</summary>
    internal string Labels { get; }

    internal long Value => Interlocked.Read(ref _value);

    internal void Add(long value) => Interlocked.Add(ref _value, value);

    internal void Observe(double seconds)
    {
        int bucket = 0;
        while (bucket < s_bounds.Length && seconds > s_bounds[bucket])
        {
            bucket++;
        }

        _ = Interlocked.Add(ref _nanoseconds, (long)(seconds * 1e9));
        _ = Interlocked.Increment(ref _buckets[bucket]);
    }

    /// <summary>Writes the buckets, each with all below it, and then the count as their sum, so that they agree whatever is measured meanwhile.</summary>
    internal void WriteHistogram(ExpositionText text, string name)
    {
        long count = 0;
        for (int i = 0; i < s_bounds.Length; i++)
        {
            count += Interlocked.Read(ref _buckets[i]);
            text.Sample(name + "_bucket", $"{Labels},le=\"{s_boundTexts[i]}\"", count);
        }

        count += Interlocked.Read(ref _buckets[^1]);
        text.Sample(name + "_bucket", Labels + ",le=\"+Inf\"", count);
        text.Seconds(name + "_sum", Labels, Interlocked.Read(ref _nanoseconds));
        text.Sample(name + "_count", Labels, count);
    }
}

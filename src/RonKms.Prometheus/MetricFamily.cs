using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RonKms.Prometheus;

/// <summary>The series of one name: one for each combination of its labels' values.</summary>
internal sealed class MetricFamily(string name, MetricKind kind, string help, string[] labels, SeriesBudget budget)
{
    // By the values of the one or two labels, so that finding a series builds no text and allocates nothing.
    private readonly ConcurrentDictionary<(string, string), MetricSeries> _series = new();

    /// <summary>Whether an instrument is the one that this family shows.</summary>
    internal bool Shows(Instrument instrument) => instrument.Name == name && kind switch
    {
        MetricKind.Counter => instrument is Counter<long>,
        MetricKind.Gauge => instrument is ObservableGauge<long>,
        _ => instrument is Histogram<double>,
    };

    internal void Add(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Find(tags)?.Add(value);

    internal void Observe(double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Find(tags)?.Observe(seconds);

    /// <summary>Forgets what is only observed, before it is observed again. For one scrape at a time.</summary>
    internal void BeginScrape()
    {
        if (kind == MetricKind.Gauge)
        {
            budget.GiveBack(_series.Count);
            _series.Clear();
        }
    }

    internal void WriteTo(ExpositionText text)
    {
        text.Header(name, help, kind);
        foreach (MetricSeries series in _series.Values.OrderBy(series => series.Labels, StringComparer.Ordinal))
        {
            if (kind == MetricKind.Histogram)
            {
                series.WriteHistogram(text, name);
            }
            else
            {
                text.Sample(name, series.Labels, series.Value);
            }
        }
    }

    private MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // Other labels than these are not the library's.
        if (tags.Length != labels.Length
            || tags[0].Key != labels[0]
            || tags[0].Value is not string first
            || (labels.Length == 2 && tags[1].Key != labels[1])
            || (labels.Length == 2 ? tags[1].Value : "") is not string second)
        {
            return null;
        }

        return _series.TryGetValue((first, second), out MetricSeries? series) ? series : AddSeries(first, second);
    }

    private MetricSeries? AddSeries(string first, string second)
    {
        if (!budget.TryTake())
        {
            budget.Drop();
            return null;
        }

        MetricSeries made = new(ExpositionText.Labels(labels, [first, second]), kind == MetricKind.Histogram);
        MetricSeries kept = _series.GetOrAdd((first, second), made);
        if (!ReferenceEquals(kept, made))
        {
            budget.GiveBack(1);
        }

        return kept;
    }
}

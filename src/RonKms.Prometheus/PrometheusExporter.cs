using System.Buffers;
using System.Diagnostics.Metrics;

namespace RonKms.Prometheus;

/// <summary>Collects what the meter <c>RonKms</c> measures and writes it in the Prometheus text format 0.0.4. Thread-safe.</summary>
/// <remarks>
/// Make it before the keystores whose start it is to see, and keep it as long as the process runs: counters begin with it. Measuring takes no lock and
/// allocates nothing once a series is known; a scrape never stops it. Counters of one scrape are each as they were at a moment during it, and never lower
/// than in the scrape before; a histogram's count is always the sum of its buckets.
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/.
/// </remarks>
public sealed class PrometheusExporter : IDisposable
{
    /// <summary>The content type to serve the text with.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string MeterName = "RonKms";
    private const string Dropped = "kms_prometheus_dropped_total";

    private readonly Lock _scraping = new();
    private readonly SeriesBudget _budget;
    private readonly MetricFamily[] _families;
    private readonly MeterListener _listener = new();
    private readonly IMeterFactory? _factory;

    /// <summary>Begins to collect.</summary>
    /// <param name="meterFactory">The factory whose meters are collected, as in <see cref="KeystoreOptions.MeterFactory"/>; without one, all of the process.</param>
    /// <param name="maxSeries">The most series (combinations of labels) that are kept. What belongs to others is not counted, but for
    /// <c>kms_prometheus_dropped_total</c>. The library has about 500.</param>
    public PrometheusExporter(IMeterFactory? meterFactory = null, int maxSeries = 2_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSeries, 1);
        _factory = meterFactory;
        _budget = new SeriesBudget(maxSeries);
        _families =
        [
            new MetricFamily("kms_failures_total", MetricKind.Counter, "Operations that failed.", ["op", "kind"], _budget),
            new MetricFamily("kms_keys_total", MetricKind.Gauge, "Keys that are held, by algorithm.", ["alg", "hybrid"], _budget),
            new MetricFamily("kms_op_latency_seconds", MetricKind.Histogram, "How long operations took.", ["op"], _budget),
            new MetricFamily("kms_ops_total", MetricKind.Counter, "Operations that succeeded.", ["op", "alg"], _budget),
        ];
        _listener.InstrumentPublished = Publish;
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Add(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Observe(value, tags));
        _listener.Start();
    }

    /// <summary>Writes everything.</summary>
    /// <param name="writer">Where to.</param>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ExpositionText text = new(writer);
        lock (_scraping)
        {
            foreach (MetricFamily family in _families)
            {
                family.BeginScrape();
            }

            _listener.RecordObservableInstruments();
            foreach (MetricFamily family in _families)
            {
                family.WriteTo(text);
            }

            text.Header(Dropped, "Measurements of series beyond the limit, which are not counted elsewhere.", MetricKind.Counter);
            text.Sample(Dropped, "", _budget.Dropped);
        }
    }

    /// <summary>Writes everything.</summary>
    /// <param name="stream">Where to; it stays open.</param>
    public void WriteTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArrayBufferWriter<byte> text = new();
        WriteTo(text);
        stream.Write(text.WrittenSpan);
    }

    /// <summary>Ends collecting. What was collected can still be written.</summary>
    public void Dispose() => _listener.Dispose();

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == MeterName
            && (_factory is null || ReferenceEquals(instrument.Meter.Scope, _factory))
            && Array.Find(_families, family => family.Shows(instrument)) is { } family)
        {
            listener.EnableMeasurementEvents(instrument, family);
        }
    }
}

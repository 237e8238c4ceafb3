namespace RonKms.Prometheus;

/// <summary>The kinds of metrics that there are here.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

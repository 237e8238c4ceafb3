using System.Buffers;
using System.Globalization;
using System.Text;

namespace RonKms.Prometheus;

/// <summary>Writes lines of the Prometheus text format, version 0.0.4.</summary>
internal sealed class ExpositionText(IBufferWriter<byte> writer)
{
    /// <summary>The labels of a series, their values escaped.</summary>
    internal static string Labels(string[] names, string[] values) => string.Join(',', names.Select((name, i) => $"{name}=\"{Escape(values[i])}\""));

    internal void Header(string name, string help, MetricKind kind) =>
        Write($"# HELP {name} {help}\n# TYPE {name} {kind.ToString().ToLowerInvariant()}\n");

    internal void Sample(string name, string labels, long value) => Sample(name, labels, value.ToString(CultureInfo.InvariantCulture));

    internal void Seconds(string name, string labels, long nanoseconds) =>
        Sample(name, labels, (nanoseconds / 1_000_000_000m).ToString(CultureInfo.InvariantCulture));

    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal);

    private void Sample(string name, string labels, string value) => Write(labels.Length == 0 ? $"{name} {value}\n" : $"{name}{{{labels}}} {value}\n");

    private void Write(string text) => Encoding.UTF8.GetBytes(text, writer);
}

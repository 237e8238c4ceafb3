using System.Buffers;
using System.Globalization;
using System.Text;

namespace RonKms.Prometheus.Tests;

/// <summary>What one scrape wrote.</summary>
internal sealed class Scrape
{
    private readonly Dictionary<string, decimal> _samples;

    private Scrape(string text)
    {
        Text = text;
        _samples = Lines.Where(line => !line.StartsWith('#'))
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => decimal.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    internal string Text { get; }

    internal string[] Lines => Text.Split('\n')[..^1];

    internal IEnumerable<string> Series => _samples.Keys;

    internal decimal this[string series] => _samples[series];

    internal static Scrape Of(PrometheusExporter exporter)
    {
        ArrayBufferWriter<byte> writer = new();
        exporter.WriteTo(writer);
        return new Scrape(Encoding.UTF8.GetString(writer.WrittenSpan));
    }
}

using System.Buffers;
using System.Text;
using RonKms.Fuzz.Engine;
using RonKms.Prometheus;

namespace RonKms.Fuzz.Targets;

/// <summary>Metrics whose labels anybody chose: each is one line, and reads back as what it was.</summary>
/// <remarks>The input is UTF-16, which need not be Unicode; bars part the labels, of which each series has two.</remarks>
internal static class ExpositionTarget
{
    private const string Name = "kms_ops_total";

    internal static FuzzTarget Target { get; } = new("exposition", Run)
    {
        Tokens = ["\n\0", "\"\0", "\\\0", "}\0 \0", ",\0l\0e\0=\0\"\0", "\r\0", "\u007F\0"],
        Seeds = static _ => new[] { "sign|ed25519", "a\"b|c\\d|e\nf|", "}|{|,|#", "\uD800|\uDC00|\uD83D\uDE00|x" }.Select(Encoding.Unicode.GetBytes),
        MaxSize = 512,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        string[] labels = string.Create(input.Length / 2, input, static (text, bytes) => bytes[..(2 * text.Length)].CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text))).Split('|');
        MetricFamily family = new(Name, MetricKind.Counter, "Operations that succeeded.", ["op", "alg"], new SeriesBudget(8));
        HashSet<(string, string)> expected = [];
        for (int i = 0; i + 1 < labels.Length && expected.Count < 8; i += 2)
        {
            family.Add(1, [new("op", labels[i]), new("alg", labels[i + 1])]);
            expected.Add((labels[i], labels[i + 1]));
        }

        ArrayBufferWriter<byte> written = new();
        family.WriteTo(new ExpositionText(written));
        string text = Encoding.UTF8.GetString(written.WrittenSpan);
        Oracle.Holds(text.EndsWith('\n'), "no line feed at the end");
        string[] lines = text[..^1].Split('\n');
        Oracle.Holds(lines.Length == 2 + expected.Count, $"{lines.Length} lines for {expected.Count} series");
        List<(string, string)> read = [.. lines[2..].Select(Read).Order()];
        List<(string, string)> known = [.. expected.Select(pair => (AsWritten(pair.Item1), AsWritten(pair.Item2))).Order()];
        Oracle.Holds(read.SequenceEqual(known), $"read back as {string.Join("; ", read)}");
    }

    /// <summary>What is no Unicode is written as U+FFFD.</summary>
    private static string AsWritten(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static (string First, string Second) Read(string line)
    {
        int at = 0;
        Take(line, ref at, Name + "{op=\"");
        string first = Value(line, ref at);
        Take(line, ref at, ",alg=\"");
        string second = Value(line, ref at);
        Take(line, ref at, "} ");
        Oracle.Holds(ulong.TryParse(line.AsSpan(at), out _), $"no number ends the line: {line}");
        return (first, second);
    }

    private static void Take(string line, ref int at, string expected)
    {
        Oracle.Holds(line.AsSpan(at).StartsWith(expected, StringComparison.Ordinal), $"no {expected} at {at} of: {line}");
        at += expected.Length;
    }

    /// <summary>A value with its closing quote: a backslash stands before another one, a quote, or n for a line feed, and nothing else.</summary>
    private static string Value(string line, ref int at)
    {
        StringBuilder value = new();
        for (; at < line.Length && line[at] != '"'; at++)
        {
            if (line[at] != '\\')
            {
                value.Append(line[at]);
                continue;
            }

            at++;
            Oracle.Holds(at < line.Length && line[at] is '\\' or '"' or 'n', $"a backslash before something else: {line}");
            value.Append(line[at] == 'n' ? '\n' : line[at]);
        }

        Oracle.Holds(at++ < line.Length, $"a value has no end: {line}");
        return value.ToString();
    }
}

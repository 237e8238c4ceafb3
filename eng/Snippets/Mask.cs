using System.Text.RegularExpressions;

namespace RonKms.Snippets;

/// <summary>Takes out of a program's output what differs from run to run.</summary>
internal static partial class Mask
{
    /// <summary>Replaces UUIDs, dates, long hex, and numbers with a unit by names, and runs of spaces by one.</summary>
    public static string[] Lines(string output)
    {
        output = Uuid().Replace(output, "<uuid>");
        output = Time().Replace(output, "<time>");
        output = Hex().Replace(output, "<hex>");
        output = Amount().Replace(output, "<amount>");
        return [.. output.TrimEnd().Split('\n').Select(line => Spaces().Replace(line, " ").TrimEnd())];
    }

    [GeneratedRegex("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?( ?Z| ?UTC|[+-]\d\d:?\d\d)?")]
    private static partial Regex Time();

    [GeneratedRegex(@"\b[0-9a-fA-F]{8,}\b")]
    private static partial Regex Hex();

    [GeneratedRegex(@"\b\d[\d,.]* ?(bytes?|B|KiB|MiB|ns|µs|us|ms|s)\b")]
    private static partial Regex Amount();

    [GeneratedRegex(@"[ \t]+")]
    private static partial Regex Spaces();
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace RonKms.Schedules.Engine;

/// <summary>A schedule as text: who goes on, each time that several threads can. "A3B" is thread A three times, and then B once.</summary>
internal static partial class Schedule
{
    internal static string Format(IReadOnlyList<int> choices)
    {
        List<string> runs = [];
        for (int from = 0, to; from < choices.Count; from = to)
        {
            for (to = from + 1; to < choices.Count && choices[to] == choices[from];)
            {
                to++;
            }

            runs.Add(string.Create(CultureInfo.InvariantCulture, $"{(char)('A' + choices[from])}{(to - from == 1 ? "" : to - from)}"));
        }

        return string.Concat(runs);
    }

    internal static List<int> Parse(string schedule)
    {
        if (!Whole().IsMatch(schedule))
        {
            throw new FormatException($"'{schedule}' is no schedule. One looks like A3BA12.");
        }

        return [.. Run().Matches(schedule).SelectMany(run =>
            Enumerable.Repeat(run.Value[0] - 'A', run.Length == 1 ? 1 : int.Parse(run.Value.AsSpan(1), CultureInfo.InvariantCulture)))];
    }

    [GeneratedRegex("^([A-Z][0-9]{0,6})*$")]
    private static partial Regex Whole();

    [GeneratedRegex("[A-Z][0-9]*")]
    private static partial Regex Run();
}

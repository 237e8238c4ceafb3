using System.Globalization;
using System.Text.RegularExpressions;

namespace RonKms.Coverage;

/// <summary>
/// The lines that no test runs, from a reviewed file. After a line "# why" come those that it is the reason for, one each: "FILE: METHOD: TEXT", where the method
/// has that text once, or "FILE: METHOD: TEXT (2 of 3)". "FILE: METHOD: *" is every line of the method, "FILE: *" of the file. An entry that fits no line, or
/// one that ran, is an error.
/// </summary>
internal static partial class ExceptedLines
{
    /// <summary>Takes the excepted lines out of the files' counts.</summary>
    /// <param name="list">The lines of the file of exceptions.</param>
    /// <param name="files">The source files by their paths.</param>
    /// <param name="read">Reads the lines of a source file.</param>
    /// <returns>What is wrong with an entry: its line, the file it names and why.</returns>
    internal static List<(int Line, string File, string Wrong)> Apply(
        IEnumerable<string> list, IReadOnlyDictionary<string, SourceFile> files, Func<string, string[]> read)
    {
        List<(int Line, string File, string Wrong)> errors = [];
        string? reason = null;
        int number = 0;
        foreach (string line in list)
        {
            number++;
            if (line.Length == 0 || line.StartsWith('#'))
            {
                reason = line.Length == 0 ? null : line;
                continue;
            }

            string[] parts = line.Split(": ", 3);
            if (reason is null || (parts.Length != 3 && parts is not [_, "*"]))
            {
                errors.Add((number, parts[0], "an exception is \"FILE: METHOD: TEXT OF THE LINE\" below a line \"# why\""));
            }
            else if (!files.TryGetValue(parts[0], out SourceFile? file) || !file.TryExcept(Named(file, parts, read)))
            {
                errors.Add((number, parts[0], $"no such line is left that did not run, or the method has several of that text: {line}"));
            }
        }

        return errors;
    }

    private static int[] Named(SourceFile file, string[] parts, Func<string, string[]> read)
    {
        if (parts[^1] == "*")
        {
            return file.LinesOf(parts.Length == 3 ? parts[1] : null);
        }

        Match numbered = Numbered().Match(parts[2]);
        (string text, int which, int of) = numbered.Success ? (numbered.Groups[1].Value, NumberOf(numbered.Groups[2]), NumberOf(numbered.Groups[3])) : (parts[2], 1, 1);
        string[] source = read(file.Path);
        int[] lines = [.. file.LinesOf(parts[1]).Where(line => source[line - 1].Trim() == text)];
        return lines.Length == of && which >= 1 && which <= of ? [lines[which - 1]] : [];
    }

    private static int NumberOf(Group digits) => int.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(.+) \(([0-9]{1,3}) of ([0-9]{1,3})\)$")]
    private static partial Regex Numbered();
}

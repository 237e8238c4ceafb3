namespace RonKms.Coverage;

/// <summary>
/// The lines that no test can run here, from a reviewed file. After a line "# why" come those that it is the reason for, each "FILE: TEXT OF THE LINE";
/// "*" for the text is every line of the file that did not run. An entry that is no longer needed is an error.
/// </summary>
internal static class ExceptedLines
{
    /// <summary>Takes the excepted lines out of the files' counts.</summary>
    /// <param name="list">The file of exceptions.</param>
    /// <param name="files">The source files by their paths.</param>
    /// <returns>What is wrong with the file of exceptions, a line each; empty if all is well.</returns>
    internal static List<string> Apply(string list, IReadOnlyDictionary<string, SourceFile> files)
    {
        List<string> errors = [];
        string? reason = null;
        int number = 0;
        foreach (string line in File.ReadLines(list))
        {
            number++;
            if (line.Length == 0 || line.StartsWith('#'))
            {
                reason = line.Length == 0 ? null : line;
                continue;
            }

            string[] parts = line.Split(": ", 2);
            if (reason is null || parts.Length != 2)
            {
                errors.Add($"{list}:{number}: an exception is \"FILE: TEXT OF THE LINE\" below a line \"# why\"");
            }
            else if (!files.TryGetValue(parts[0], out SourceFile? file) || !Apply(file, parts[1]))
            {
                errors.Add($"{list}:{number}: no longer needed, no such line is left that did not run: {line}");
            }
        }

        return errors;
    }

    private static bool Apply(SourceFile file, string text)
    {
        string[] source = File.ReadAllLines(file.Path);
        int[] lines = [.. file.Missed.Where(line => text == "*" || source[line - 1].Trim() == text)];
        file.Except(lines);
        return lines.Length > 0;
    }
}

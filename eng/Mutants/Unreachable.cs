using System.Globalization;
using System.Text.RegularExpressions;

namespace RonKms.Mutants;

/// <summary>Mutants of lines that no test runs: those of eng/coverage-exceptions.txt, whose form docs/testing.md says.</summary>
internal sealed partial class Unreachable
{
    private readonly HashSet<Mutant> _mutants = [];

    internal Unreachable(string list, IReadOnlyList<Mutant> all)
    {
        foreach (string[] parts in File.ReadLines(list).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(": ", 3)))
        {
            _mutants.UnionWith(Named(parts, [.. all.Where(mutant => mutant.File == parts[0])]));
        }
    }

    internal bool Has(Mutant mutant) => _mutants.Contains(mutant);

    private static IEnumerable<Mutant> Named(string[] parts, Mutant[] inFile)
    {
        if (parts.Length == 2)
        {
            return inFile;
        }

        Mutant[] inMethod = [.. inFile.Where(mutant => mutant.MethodName == parts[1])];
        if (parts[2] == "*")
        {
            return inMethod;
        }

        Match numbered = Numbered().Match(parts[2]);
        string text = numbered.Success ? numbered.Groups[1].Value : parts[2];
        int which = numbered.Success ? int.Parse(numbered.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 1;
        int of = numbered.Success ? int.Parse(numbered.Groups[3].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 1;
        Mutant[] equal = [.. inMethod.Where(mutant => mutant.Text == text)];
        int[] lines = [.. equal.Select(mutant => mutant.Line).Distinct().Order()];

        // Where some of the lines have nothing to change, it is not known which is which, and all are tried.
        return lines.Length == of ? equal.Where(mutant => mutant.Line == lines[which - 1]) : [];
    }

    [GeneratedRegex(@"^(.+) \(([0-9]{1,3}) of ([0-9]{1,3})\)$")]
    private static partial Regex Numbered();
}

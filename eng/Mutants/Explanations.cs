namespace RonKms.Mutants;

/// <summary>
/// The survivors that are explained: the rows "| file | line | change | why |" of the table in docs/mutants.md, the first three in backquotes.
/// "*" stands for every file, or every line.
/// </summary>
internal sealed class Explanations
{
    private readonly List<(string File, string Text, string Change)> _rows;

    internal Explanations(string path) => _rows =
    [
        .. File.ReadLines(path).Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split("` | `"))
            .Select(parts => (parts[0]["| `".Length..], parts[1], parts[2][..parts[2].IndexOf("` | ", StringComparison.Ordinal)])),
    ];

    internal bool Explain(Mutant mutant) => _rows.Exists(row => Fits(row, mutant));

    /// <summary>The rows that no mutant fits any more.</summary>
    internal IEnumerable<string> Stale(IReadOnlyCollection<Mutant> mutants) =>
        _rows.Where(row => !mutants.Any(mutant => Fits(row, mutant))).Select(row => $"{row.File}: {row.Change}: {row.Text}");

    private static bool Fits((string File, string Text, string Change) row, Mutant mutant) =>
        (row.File == "*" || row.File == mutant.File) && (row.Text == "*" || row.Text == mutant.Text) && row.Change == mutant.Change;
}

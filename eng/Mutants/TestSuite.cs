namespace RonKms.Mutants;

/// <summary>Source files, and the tests that ought to notice a change of them. One line of eng/mutants.txt: FILES TEST-PROJECT FILTER…</summary>
/// <param name="Files">A file or a folder under src/.</param>
/// <param name="Project">The test project.</param>
/// <param name="Filters">xUnit's query filters.</param>
internal sealed record TestSuite(string Files, string Project, IReadOnlyList<string> Filters)
{
    /// <summary>The assembly that has the files.</summary>
    internal string Library => Files.Split('/')[1];

    internal static IReadOnlyList<TestSuite> Read(string path) =>
    [
        .. File.ReadLines(path).Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(parts => new TestSuite(parts[0], parts[1], parts[2..])),
    ];

    internal bool Has(string file) => Files.EndsWith('/') ? file.StartsWith(Files, StringComparison.Ordinal) : file == Files;
}

namespace RonKms.Coverage;

/// <summary>What ran of a source file, in all the assemblies that it is compiled into.</summary>
internal sealed class SourceFile(string path)
{
    private readonly SortedDictionary<int, bool> _lines = [];
    private readonly HashSet<(string Method, int Line)> _methods = [];
    private readonly HashSet<int> _excepted = [];

    internal string Path { get; } = path;

    internal int Lines => _lines.Count - _excepted.Count;

    internal int LinesRun => _lines.Values.Count(ran => ran);

    internal int Branches { get; private set; }

    internal int BranchesRun { get; private set; }

    internal double Percent => Lines == 0 ? 100 : 100.0 * LinesRun / Lines;

    /// <summary>The numbers of the lines that did not run, without the excepted.</summary>
    internal IEnumerable<int> Missed => _lines.Where(line => !line.Value).Select(line => line.Key).Except(_excepted);

    internal void Add(Probe probe, bool ran)
    {
        if (probe.IsBranch)
        {
            Branches++;
            BranchesRun += ran ? 1 : 0;
            return;
        }

        for (int line = probe.FirstLine; line <= probe.LastLine; line++)
        {
            _lines[line] = ran | _lines.GetValueOrDefault(line);
            _methods.Add((probe.Method, line));
        }
    }

    /// <summary>The numbers of all lines of the methods of one name.</summary>
    /// <param name="method">Their name; <see langword="null"/> for all methods.</param>
    internal int[] LinesOf(string? method) => [.. _lines.Keys.Where(line => method is null || _methods.Contains((method, line)))];

    /// <summary>Takes lines that did not run out of the count.</summary>
    /// <param name="lines">Their numbers.</param>
    /// <returns>Whether there is any, and all of them were missed until now.</returns>
    internal bool TryExcept(int[] lines)
    {
        if (lines.Length == 0 || lines.Except(Missed).Any())
        {
            return false;
        }

        _excepted.UnionWith(lines);
        return true;
    }
}

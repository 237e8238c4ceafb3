namespace RonKms.Coverage;

/// <summary>What ran of a source file, in all the assemblies that it is compiled into.</summary>
internal sealed class SourceFile(string path)
{
    private readonly SortedDictionary<int, bool> _lines = [];

    internal string Path { get; } = path;

    internal int Lines => _lines.Count;

    internal int LinesRun => _lines.Values.Count(ran => ran);

    internal int Branches { get; private set; }

    internal int BranchesRun { get; private set; }

    internal double Percent => Lines == 0 ? 100 : 100.0 * LinesRun / Lines;

    /// <summary>The numbers of the lines that did not run.</summary>
    internal IEnumerable<int> Missed => _lines.Where(line => !line.Value).Select(line => line.Key);

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
        }
    }

    /// <summary>Takes lines out of the count.</summary>
    internal void Except(IEnumerable<int> lines)
    {
        foreach (int line in lines)
        {
            _lines.Remove(line);
        }
    }
}

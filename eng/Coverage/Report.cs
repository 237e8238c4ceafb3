using System.Globalization;
using System.Text;

namespace RonKms.Coverage;

/// <summary>Says how much of the library ran, and whether that is enough.</summary>
internal sealed class Report
{
    private const double Least = 95;
    private const string Exceptions = "eng/coverage-exceptions.txt";

    private readonly SortedDictionary<string, SourceFile> _files = new(StringComparer.Ordinal);
    private readonly IReadOnlyCollection<string> _notJudged;

    /// <summary>Reads what ran.</summary>
    /// <param name="directory">Where the instrumented assemblies and their hits are.</param>
    /// <param name="notJudged">The packages whose bounds do not hold on this machine.</param>
    internal Report(string directory, IReadOnlyCollection<string> notJudged)
    {
        _notJudged = notJudged;
        foreach (string list in Directory.EnumerateFiles(directory, "*.probes"))
        {
            byte[] hits = System.IO.File.ReadAllBytes(Path.ChangeExtension(list, ".hits"));
            int number = 0;
            foreach (Probe probe in System.IO.File.ReadLines(list).Select(Probe.Parse))
            {
                bool ran = hits[number++] != 0;
                // The branches of what is compiled into several packages are counted where they are at home.
                if (!probe.IsBranch || ProjectOf(probe.File) == Path.GetFileNameWithoutExtension(list))
                {
                    File(probe.File).Add(probe, ran);
                }
            }
        }
    }

    /// <summary>Writes a line a package, one for each file with too little, and the totals.</summary>
    /// <returns>Whether every file of the packages that are judged has enough, and every exception is needed.</returns>
    internal bool Print(TextWriter output)
    {
        List<string> errors =
        [
            .. from entry in ExceptedLines.Apply(System.IO.File.ReadLines(Exceptions), _files, System.IO.File.ReadAllLines)
               where IsJudged(entry.File)
               select $"{Exceptions}:{entry.Line}: {entry.Wrong}",
        ];
        foreach (IGrouping<string, SourceFile> project in _files.Values.GroupBy(file => ProjectOf(file.Path)))
        {
            output.WriteLine($"{project.Key,-24} {Summary([.. project])}{(_notJudged.Contains(project.Key) ? " (not judged)" : "")}");
        }

        foreach (SourceFile file in _files.Values.Where(file => file.Percent < Least))
        {
            output.WriteLine($"below {Least} %: {file.Path} {Percent(file.LinesRun, file.Lines)}, not run: {Ranges(file.Missed)}");
            if (IsJudged(file.Path))
            {
                errors.Add($"{file.Path}: less than {Least} % of its lines ran");
            }
        }

        output.WriteLine($"{"coverage:",-24} {Summary([.. _files.Values])}");
        foreach (string error in errors)
        {
            output.WriteLine($"error: {error}");
        }

        return errors.Count == 0;
    }

    /// <summary>What names no package is judged.</summary>
    private bool IsJudged(string path) => !_notJudged.Contains(path.Split('/').ElementAtOrDefault(1));

    private static string ProjectOf(string path) => path.Split('/')[1];

    private static string Summary(IReadOnlyCollection<SourceFile> files) =>
        $"{Share(files.Sum(file => file.LinesRun), files.Sum(file => file.Lines))} lines, " +
        $"{Share(files.Sum(file => file.BranchesRun), files.Sum(file => file.Branches))} branches";

    private static string Share(int part, int whole) => string.Create(CultureInfo.InvariantCulture, $"{Percent(part, whole),7} of {whole,6}");

    // Rounded down: 95 is never written for less.
    private static string Percent(int part, int whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{(whole == 0 ? 100 : Math.Floor(1000.0 * part / whole) / 10):0.0} %");

    private static string Ranges(IEnumerable<int> lines)
    {
        StringBuilder text = new();
        int? first = null, last = null;
        foreach (int line in lines.Append(int.MaxValue))
        {
            if (line != last + 1)
            {
                text.Append(first is null ? "" : first == last ? $" {first}" : $" {first}-{last}");
                first = line;
            }

            last = line;
        }

        return text.ToString().TrimStart();
    }

    private SourceFile File(string path)
    {
        if (!_files.TryGetValue(path, out SourceFile? file))
        {
            file = new SourceFile(path);
            _files.Add(path, file);
        }

        return file;
    }
}

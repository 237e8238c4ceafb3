using System.Diagnostics;

namespace RonKms.Mutants;

/// <summary>A copy of the test projects' outputs, in which one mutant after another is tested.</summary>
internal sealed class TestRun(string name)
{
    private const string SharedMemory = "/dev/shm";
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(0.25);

    private readonly HashSet<string> _copied = [];

    /// <summary>Runs a suite against the library as it is.</summary>
    internal TestReport RunUnchanged(TestSuite suite)
    {
        Copy(suite);
        File.Copy(Library.PathOf(suite.Library), Target(suite), overwrite: true);
        return Run(suite, TimeSpan.FromMinutes(10));
    }

    /// <summary>Runs a mutant's suite against it.</summary>
    internal TestReport Run(Mutant mutant, TimeSpan limit)
    {
        Library.Write(mutant, Target(mutant.Suite));
        return Run(mutant.Suite, limit);
    }

    private static string Output(TestSuite suite, string configuration) => $"tests/{suite.Project}/bin/{configuration}/net10.0";

    private string Target(TestSuite suite) => $"{Output(suite, name)}/{suite.Library}.dll";

    private void Copy(TestSuite suite)
    {
        if (!_copied.Add(suite.Project))
        {
            return;
        }

        string source = Output(suite, "Release"), copy = Output(suite, name);
        if (Directory.Exists(copy))
        {
            Directory.Delete(copy, recursive: true);
        }

        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>Runs a suite up to the first test that fails.</summary>
    private TestReport Run(TestSuite suite, TimeSpan limit)
    {
        // In memory where the system has such a place: stores are flushed all the time.
        string root = Directory.Exists(SharedMemory) ? SharedMemory : Path.GetTempPath();
        string temporary = Directory.CreateDirectory(Path.Combine(root, $"ronkms-mutants-{Guid.NewGuid():N}")).FullName;
        if (!OperatingSystem.IsWindows())
        {
            // As /tmp: some tests run as a user without rights.
            File.SetUnixFileMode(temporary, (UnixFileMode)0x3FF);
        }

        try
        {
            return Run(suite, limit, temporary);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private TestReport Run(TestSuite suite, TimeSpan limit, string temporary)
    {
        ProcessStartInfo start = new("dotnet", [$"{Output(suite, name)}/{suite.Project}.dll", "-noLogo", "-noColor", "-stopOnFail", .. suite.Filters.SelectMany(filter => new[] { "-filter", filter })])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = temporary;
        // A mutant must not take the machine's memory, or leave its own behind.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x60000000";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        // Counted in steps: time in which the machine had this process stopped is not the mutant's.
        TimeSpan took = TimeSpan.Zero;
        bool ended;
        while (!(ended = process.WaitForExit(s_step)) && took < limit)
        {
            took += s_step;
        }

        if (!ended)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        string text = output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult();
        return new TestReport(ended ? process.ExitCode : null, text, took);
    }
}

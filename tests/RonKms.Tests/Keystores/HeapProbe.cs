using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RonKms.Tests.Keystores;

/// <summary>Runs tests/RonKms.HeapProbe, a process of its own, and reads the numbers that it prints.</summary>
internal static class HeapProbe
{
    internal static IReadOnlyDictionary<string, int> Run(string mode, string directory, params ReadOnlySpan<string> wrapper)
    {
        string host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        DirectoryInfo output = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string probe = Path.GetFullPath(Path.Combine(
            output.FullName, "..", "..", "..", "..", "RonKms.HeapProbe", "bin", output.Parent!.Name, output.Name, "RonKms.HeapProbe.dll"));
        Assert.True(File.Exists(probe), $"{probe} is not built.");

        string[] command = [.. wrapper, host, probe, mode];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        start.Environment["TMPDIR"] = directory;
        start.Environment["HOME"] = directory;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"The probe ended with {process.ExitCode}: {errors.GetAwaiter().GetResult()}");
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => int.Parse(line.AsSpan(line.LastIndexOf(' ') + 1)));
    }
}

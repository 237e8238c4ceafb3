using System.Diagnostics;

namespace RonKms.Snippets;

/// <summary>A directory of its own, where blocks run; removed at the end.</summary>
internal sealed class Scratch : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public string Root { get; } = Directory.CreateTempSubdirectory("ronkms-snippets-").FullName;

    /// <summary>Copies what git tracks, and what it would track, of the repository in the current directory.</summary>
    public void CopyRepository()
    {
        (int code, string files) = Run(Directory.GetCurrentDirectory(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard");
        if (code != 0)
        {
            throw new InvalidOperationException("shell blocks run in a copy of the repository: this needs git and a git checkout");
        }
        foreach (string file in files.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(File.Exists))
        {
            string target = Path.Combine(Root, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>Runs a program in this directory and collects what it writes to standard output.</summary>
    public (int ExitCode, string Output) Run(string program, params string[] arguments) => Run(Root, program, arguments);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static (int ExitCode, string Output) Run(string directory, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"took longer than {Limit.TotalMinutes} minutes");
        }
        return (process.ExitCode, output.Result);
    }
}

using System.Diagnostics;
using RonKms.PostQuantum.Tests.Keystores;

namespace RonKms.PostQuantum.Tests.CrossCheck;

/// <summary>The openssl command of version 3.5 or later, with a directory for its files.</summary>
internal sealed class OpenSslTool : IDisposable
{
    private static readonly Lazy<string?> s_version = new(ReadVersion);

    private readonly ScratchDirectory _directory = new();

    /// <summary>Makes the directory, or skips the test where there is no such command.</summary>
    internal OpenSslTool()
    {
        if (!Version.TryParse(s_version.Value, out Version? version) || version < new Version(3, 5))
        {
            _directory.Dispose();
            Assert.Skip($"not run: needs the openssl command 3.5 or later, and here is {s_version.Value ?? "none"} (eng/platform-crosscheck.sh runs this test where there is one)");
        }
    }

    /// <summary>Runs the command, which must succeed.</summary>
    /// <param name="arguments">The arguments; <c>@name</c> is a file of the directory.</param>
    /// <returns>What it wrote to its standard output.</returns>
    internal string Run(params string[] arguments)
    {
        (int exitCode, string output, string error) = RunAnyhow([.. arguments.Select(a => a.StartsWith('@') ? PathOf(a[1..]) : a)]);
        Assert.True(exitCode == 0, $"openssl {string.Join(' ', arguments)}: {error}");
        return output;
    }

    /// <summary>Runs the command, which may fail.</summary>
    /// <param name="arguments">As for <see cref="Run"/>.</param>
    /// <returns>Whether it succeeded.</returns>
    internal bool Succeeds(params string[] arguments) =>
        RunAnyhow([.. arguments.Select(a => a.StartsWith('@') ? PathOf(a[1..]) : a)]).ExitCode == 0;

    /// <summary>Writes a file of the directory.</summary>
    internal void Write(string name, ReadOnlySpan<byte> content) => File.WriteAllBytes(PathOf(name), content);

    /// <summary>Reads a file of the directory.</summary>
    internal byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    public void Dispose() => _directory.Dispose();

    private static string? ReadVersion()
    {
        try
        {
            // OpenSSL 3.5.7 9 Jun 2026 (Library: …)
            string[] words = RunAnyhow(["version"]).Output.Split(' ');
            return words is ["OpenSSL", string version, ..] ? version : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static (int ExitCode, string Output, string Error) RunAnyhow(string[] arguments)
    {
        ProcessStartInfo start = new("openssl", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);
}

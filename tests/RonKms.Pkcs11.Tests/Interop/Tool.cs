using System.Diagnostics;

namespace RonKms.Pkcs11.Tests.Interop;

/// <summary>A program of somebody else's.</summary>
internal static class Tool
{
    /// <summary>Runs a program; skips the test where it is not installed.</summary>
    /// <returns>Its exit code and all that it wrote.</returns>
    internal static (int Code, string Output) Run(string program, params string[] arguments)
    {
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(directory => File.Exists(Path.Combine(directory, program))),
            $"{program} is not installed.");
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }
}

using System.Diagnostics;
using System.Text.RegularExpressions;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Architecture;

/// <summary>What the scripts in eng/ promise of checks that cannot be made, of skipped tests, and of what they fetch.</summary>
public sealed partial class ScriptTests
{
    private const string Passed = "Passed!  - Failed:     0, Passed:     5, Skipped:     0, Total:     5, Duration: 1 s - RonKms.A.Tests.dll (net10.0)";
    private const string PassedToo = "Passed!  - Failed:     0, Passed:     3, Skipped:     0, Total:     3, Duration: 1 s - RonKms.B.Tests.dll (net10.0)";
    private const string Skipped = "Passed!  - Failed:     0, Passed:     1, Skipped:     2, Total:     3, Duration: 1 s - RonKms.B.Tests.dll (net10.0)";
    private const string NoneRan = "Skipped! - Failed:     0, Passed:     0, Skipped:     2, Total:     2, Duration: 1 s - RonKms.B.Tests.dll (net10.0)";
    private const string Allowed = "not run: the platform has no ML-KEM (on Linux it comes with OpenSSL 3.5)";
    private const string Other = "skipped: no ../shared/vectors";

    [Theory]
    [InlineData("", 0)]
    [InlineData("1", 1)]
    public void A_check_that_cannot_be_made_says_so_and_fails_where_every_check_is_asked_for(string strict, int exit)
    {
        using TemporaryDirectory directory = new();
        string list = directory["not-run"];

        (int code, string[] said) = Bash(
            ["-euc", ". \"$0\"; not_run model 'spin is missing'; echo went on", Repository.PathOf("eng", "lib.sh")],
            ("RONKMS_STRICT", strict), ("RONKMS_NOT_RUN", list));

        Assert.Equal(exit, code);
        Assert.Equal(["model: NOT RUN: spin is missing"], said);
        Assert.Equal(["model: spin is missing"], File.ReadAllLines(list));
    }

    [Theory]
    [InlineData("all ran", PassedToo, "", 0, 0)]
    [InlineData("skipped for a reason that is allowed", Skipped, Allowed, 0, 0)]
    [InlineData("skipped for another reason", Skipped, Other, 0, 1)]
    [InlineData("skipped for no reason that is written", Skipped, "", 0, 1)]
    [InlineData("nothing ran", NoneRan, Allowed, 1, 1)]
    [InlineData("nothing said", "", "", 1, 1)]
    public void The_test_run_fails_where_a_project_did_not_run_and_where_too_much_was_skipped(string name, string second, string reason, int exit, int strictExit)
    {
        string results = string.Concat(Enumerable.Repeat($"""<UnitTestResult outcome="NotExecuted"><Message>{reason}</Message>{"\n"}""", reason.Length == 0 ? 0 : 2));

        (int code, string[] said) = RunTests($"{Passed}\n{second}\n", results, "");
        (int strictCode, string[] strictSaid) = RunTests($"{Passed}\n{second}\n", results, "1");

        Assert.Equal((name, exit, strictExit), (name, code, strictCode));
        Assert.Equal(said, strictSaid);
        Assert.Matches("^[0-9]+ passed, 0 failed(, 2 skipped)?$", said[^1]);
        Assert.Equal(reason.Length > 0, said.Any(line => line == $"skipped: {reason[(reason.IndexOf(':') + 1)..].Trim()} (2 tests)"));
    }

    [Fact]
    public void A_filter_may_choose_among_the_projects() => Assert.Equal(0, RunTests(Passed + "\n", "", "1", "--filter", "Name~A").Exit);

    [Fact]
    public void Packages_of_npm_come_from_their_lock_file_in_one_place_and_run_no_scripts_of_theirs()
    {
        IEnumerable<string> calls =
            from script in Directory.EnumerateFiles(Repository.PathOf("eng"), "*.sh").Append(Repository.PathOf(".ci", "run"))
            from Match call in Npm().Matches(File.ReadAllText(script))
            select call.Value;

        Assert.Equal(["npm ci --ignore-scripts"], calls);
    }

    /// <summary>eng/test.sh over two projects, with a dotnet that says what it is told and leaves one file of results.</summary>
    private static (int Exit, string[] Said) RunTests(string log, string results, string strict, params string[] arguments)
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(directory["eng"]);
        foreach (string file in (string[])["lib.sh", "nss.sh", "test.sh", "allowed-skips.txt"])
        {
            File.Copy(Repository.PathOf("eng", file), directory["eng", file]);
        }

        foreach (string project in (string[])["RonKms.A.Tests", "RonKms.B.Tests"])
        {
            Directory.CreateDirectory(directory["tests", project]);
            File.WriteAllText(directory["tests", project, project + ".csproj"], "");
        }

        File.WriteAllText(directory["log"], log);
        File.WriteAllText(directory["trx"], results);
        // Functions of bash stand in for programs: nothing is built, installed or fetched.
        return Bash(
            [directory["eng", "test.sh"], "--no-build", .. arguments],
            ("BASH_FUNC_dotnet%%", "() { [ \"$1\" != test ] || { cp trx artifacts/test-results/a.trx; cat log; }; }"),
            ("BASH_FUNC_softhsm2-util%%", "() { :; }"), ("BASH_FUNC_pkcs11-tool%%", "() { :; }"), ("BASH_FUNC_timeout%%", "() { return 1; }"),
            ("RONKMS_STRICT", strict), ("RONKMS_NOT_RUN", ""), ("XDG_CACHE_HOME", directory["cache"]));
    }

    private static (int Exit, string[] Said) Bash(string[] arguments, params (string Name, string Value)[] environment)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The scripts are bash's.");
        ProcessStartInfo start = new("bash", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process script = Process.Start(start)!;
        script.BeginErrorReadLine();
        string said = script.StandardOutput.ReadToEnd();
        script.WaitForExit();
        return (script.ExitCode, said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [GeneratedRegex("npm (?:-[^ ]+ (?:[^ -][^ ]* )?)*(?:ci|i|install|exec|add|update)(?: --ignore-scripts| |$)|(?:npx|pnpm|yarn|corepack) ")]
    private static partial Regex Npm();
}

using System.Text.RegularExpressions;

namespace RonKms.Mutants;

/// <summary>What the test runner said and how it ended.</summary>
/// <param name="ExitCode">Its exit code; null where it took too long.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Took">How long it took.</param>
internal sealed partial record TestReport(int? ExitCode, string Output, TimeSpan Took)
{
    internal Outcome Outcome => this switch
    {
        { HasBegun: false } => Outcome.Broken,
        { FailedTest: not null } => Outcome.TestFailed,
        { ExitCode: null } => Outcome.TimedOut,
        { Passed: null, ExitCode: not 0 } => Outcome.ProcessEnded,
        { Passed: > 0, ExitCode: 0 } => Outcome.Survived,
        _ => Outcome.Broken,
    };

    /// <summary>The first test that failed.</summary>
    internal string? FailedTest => Failure().Match(Output) is { Success: true } failure ? failure.Groups[1].Value : null;

    private bool HasBegun => Output.Contains("Starting: ", StringComparison.Ordinal);

    /// <summary>How many tests passed; null where the runner did not come to its summary.</summary>
    private int? Passed => Summary().Match(Output) is { Success: true } summary
        ? int.Parse(summary.Groups[1].Value) - summary.Groups.Values.Skip(2).Sum(group => int.Parse(group.Value))
        : null;

    [GeneratedRegex(@"^ +(\S.*) \[FAIL\]\r?$", RegexOptions.Multiline)]
    private static partial Regex Failure();

    [GeneratedRegex(@"Total: (\d+), Errors: (\d+), Failed: (\d+), Skipped: (\d+), Not Run: (\d+)")]
    private static partial Regex Summary();
}

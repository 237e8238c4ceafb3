using System.Text.RegularExpressions;

namespace RonKms.Tests.Architecture;

/// <summary>docs/threat-model.md names for each threat the tests that show what stops it; there are such tests, and they are run.</summary>
public sealed partial class ThreatModelTests
{
    private const string Night = " by night";

    private static readonly string s_page = File.ReadAllText(Repository.PathOf("docs", "threat-model.md"));
    private static readonly string s_night = File.ReadAllText(Repository.PathOf("eng", "nightly.sh"));

    // By their source: the other projects are not built into this one.
    private static readonly Lazy<Dictionary<string, bool>> s_tests = new(() => DeclaredTests.Find(Repository.TestSources()));

    [Fact]
    public void Every_threat_has_tests_and_every_test_is_there()
    {
        Assert.Equal([], WrongIn(s_page));
        Assert.True(Row().Count(s_page) >= 30);
        Assert.All("STRIDE", letter => Assert.Contains(Row().Matches(s_page), row => row.Groups[1].Value[0] == letter));
    }

    [Theory]
    [InlineData("`RecordTests.A_record_opens_for_no_other_name_and_no_other_store`", "`RecordTests.A_record_opens_for_any_name`", "S1: there is no test RecordTests.A_record_opens_for_any_name")]
    [InlineData("`RecordTests.A_record_opens_for_no_other_name_and_no_other_store`", "`NoTests.A_record_opens_for_no_other_name_and_no_other_store`", "S1: there is no test NoTests.A_record_opens_for_no_other_name_and_no_other_store")]
    [InlineData("`RecordTests.A_record_opens_for_no_other_name_and_no_other_store`", "`SecretHeapTests.TouchAGuardPage`", "S1: SecretHeapTests.TouchAGuardPage is explicit: 'by night' belongs behind it")]
    [InlineData("`RecordTests.A_record_opens_for_no_other_name_and_no_other_store`", "`SecretHeapTests.TouchAGuardPage` by night", "S1: eng/nightly.sh does not run SecretHeapTests.TouchAGuardPage")]
    [InlineData("`RecordTests.A_record_opens_for_no_other_name_and_no_other_store`", "`RecordTests.No_truncation_of_a_body_is_a_body` by night", "S1: RecordTests.No_truncation_of_a_body_is_a_body runs by day")]
    [InlineData("- T3: `", "- T99: `", "T3 has no tests")]
    [InlineData("- T3: `", "- T99: `", "T99 is no threat")]
    public void What_is_wrong_is_found(string text, string other, string wrong)
    {
        Assert.Contains(text, s_page, StringComparison.Ordinal);
        Assert.Contains(wrong, WrongIn(s_page.Replace(text, other, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_test_that_runs_by_night_is_said_to() => Assert.Empty(WrongIn(
        s_page.Replace("- S1: ", "- S1: `KeystorePowerCutTests.What_was_acknowledged_survives_many_power_cuts` by night, ", StringComparison.Ordinal)));

    [Fact]
    public void Every_class_of_tests_that_a_page_names_is_there()
    {
        HashSet<string> classes = [.. s_tests.Value.Keys.Select(test => test.Split('.')[0])];
        IEnumerable<string> pages = Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories);

        Assert.Empty(pages.SelectMany(page => TestClass().Matches(File.ReadAllText(page)).Select(match => match.Groups[1].Value)).Except(classes));
    }

    private static List<string> WrongIn(string page)
    {
        HashSet<string> threats = [.. Row().Matches(page).Select(row => row.Groups[1].Value)];
        Dictionary<string, string> shown = Shown().Matches(page).ToDictionary(line => line.Groups[1].Value, line => line.Groups[2].Value);
        return
        [
            .. threats.Except(shown.Keys).Select(threat => $"{threat} has no tests"),
            .. shown.Keys.Except(threats).Select(threat => $"{threat} is no threat"),
            .. from line in shown
               where !line.Value.StartsWith("none: ", StringComparison.Ordinal)
               from name in line.Value.Split(", ")
               let wrong = WrongWith(name)
               where wrong is not null
               select $"{line.Key}: {wrong}",
        ];
    }

    private static string? WrongWith(string name)
    {
        bool isOfTheNight = name.EndsWith(Night, StringComparison.Ordinal);
        string test = (isOfTheNight ? name[..^Night.Length] : name).Trim('`');
        return !s_tests.Value.TryGetValue(test, out bool isExplicit) ? $"there is no test {test}"
            : isExplicit && !isOfTheNight ? $"{test} is explicit: '{Night.Trim()}' belongs behind it"
            : !isExplicit && isOfTheNight ? $"{test} runs by day"
            : isExplicit && !s_night.Contains("." + test + "\n", StringComparison.Ordinal) ? $"eng/nightly.sh does not run {test}"
            : null;
    }

    [GeneratedRegex(@"^\| ([A-Z]\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^- ([A-Z]\d+): (.+)$", RegexOptions.Multiline)]
    private static partial Regex Shown();

    [GeneratedRegex(@"`(\w+Tests)[`.]")]
    private static partial Regex TestClass();
}

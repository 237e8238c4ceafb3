using System.Text.RegularExpressions;

namespace RonKms.Tests.Architecture;

/// <summary>docs/threat-model.md names for each threat the tests that show what stops it, and there are such tests.</summary>
public sealed partial class ThreatModelTests
{
    private static readonly string s_page = File.ReadAllText(Repository.PathOf("docs", "threat-model.md"));
    private static readonly Lazy<HashSet<string>> s_tests = new(FindTests);

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
    [InlineData("- T3: `", "- T99: `", "T3 has no tests")]
    [InlineData("- T3: `", "- T99: `", "T99 is no threat")]
    public void What_is_wrong_is_found(string text, string other, string wrong)
    {
        Assert.Contains(text, s_page, StringComparison.Ordinal);
        Assert.Contains(wrong, WrongIn(s_page.Replace(text, other, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_class_of_tests_that_a_page_names_is_there()
    {
        HashSet<string> classes = [.. s_tests.Value.Select(test => test.Split('.')[0])];
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
               let test = name.Trim('`')
               where !s_tests.Value.Contains(test)
               select $"{line.Key}: there is no test {test}",
        ];
    }

    /// <summary>Every test of every project as Class.Method. By its source: the other projects are not built into this one.</summary>
    private static HashSet<string> FindTests() =>
    [
        .. from source in Repository.TestSources()
           from Match type in ClassName().Matches(source)
           from Match method in TestMethod().Matches(source)
           select $"{type.Groups[1].Value}.{method.Groups[1].Value}",
    ];

    [GeneratedRegex(@"^\| ([A-Z]\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^- ([A-Z]\d+): (.+)$", RegexOptions.Multiline)]
    private static partial Regex Shown();

    [GeneratedRegex(@"`(\w+Tests)[`.]")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"^public .*\bclass (\w+)", RegexOptions.Multiline)]
    private static partial Regex ClassName();

    [GeneratedRegex(@"^    \[(?:Fact|Theory)\b.*?^    public [^(=]*?(\w+)\(", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex TestMethod();
}

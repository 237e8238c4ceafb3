using System.Text.RegularExpressions;

namespace RonKms.Tests.Architecture;

/// <summary>docs/evidence/nightly.md tells of each part of eng/nightly.sh, in its order, and of no failure.</summary>
public sealed partial class NightlyPageTests
{
    private static readonly string s_page = File.ReadAllText(Repository.PathOf("docs", "evidence", "nightly.md"));

    [Fact]
    public void The_page_has_a_section_for_each_part_in_the_order_of_the_script()
    {
        string script = File.ReadAllText(Repository.PathOf("eng", "nightly.sh"));

        string[] parts = [.. Part().Matches(script).Select(part => part.Groups[1].Value)];
        Assert.NotEmpty(parts);
        Assert.Equal(parts, Section().Matches(s_page).Select(section => section.Groups[1].Value));
    }

    [Fact]
    public void No_part_failed_when_it_last_ran() =>
        Assert.All(Section().Matches(s_page), section => Assert.Contains(section.Groups[2].Value, (string[])["passed", "not run"]));

    [GeneratedRegex("^long ([^ ]+) ", RegexOptions.Multiline)]
    private static partial Regex Part();

    // The heading and the word in bold that begins the section: how its last run ended.
    [GeneratedRegex(@"^## (.+)\n(?:\n\*\*(.+?)\*\*)?", RegexOptions.Multiline)]
    private static partial Regex Section();
}

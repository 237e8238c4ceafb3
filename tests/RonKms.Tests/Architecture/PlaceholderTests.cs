using System.Text.RegularExpressions;

namespace RonKms.Tests.Architecture;

/// <summary>Nothing in README.md and docs/ is still to be filled in.</summary>
public sealed partial class PlaceholderTests
{
    [Fact]
    public void No_page_has_a_place_to_fill_in()
    {
        string[] pages = [Repository.PathOf("README.md"), .. Directory.EnumerateFiles(Repository.PathOf("docs"), "*", SearchOption.AllDirectories)];

        Assert.True(pages.Length > 40);
        Assert.All(pages, page => Assert.Empty(Find(File.ReadAllText(page))));
    }

    [Theory]
    [InlineData("as fast as @@ms@@", "@@")]
    [InlineData("TODO: say why", "TODO")]
    [InlineData("| p99 | TBD |", "TBD")]
    [InlineData("<!-- figures: core -->\n<!-- end of figures -->", "no figures: core")]
    [InlineData("<!-- figures: core -->\nOn 2 x CPU:\n\n```\n$ eng/bench.sh --check core\n```\n<!-- end of figures -->", "no figures: core")]
    [InlineData("<!-- figures: core -->\nOn 2 x CPU:\n\n```\n$ eng/bench.sh --check core\nsign 1 2 ok\n```", "no figures: core")]
    public void A_place_to_fill_in_is_found(string page, string found) => Assert.Contains(found, Find(page));

    [Fact]
    public void Figures_are_none() =>
        Assert.Empty(Find("<!-- figures: core -->\nOn 2 x CPU:\n\n```\n$ eng/bench.sh --check core\nsign 1 2 ok\n```\n<!-- end of figures -->\nTODOs@x"));

    private static IEnumerable<string> Find(string page) =>
    [
        .. Word().Matches(page).Select(word => word.Value),
        .. from begin in Figures().Matches(page)
           let end = page.IndexOf("<!-- end of figures -->", begin.Index, StringComparison.Ordinal)
           where end < 0 || !Figure().IsMatch(page[(begin.Index + begin.Length)..end])
           select $"no figures: {begin.Groups[1].Value}",
    ];

    [GeneratedRegex(@"@@|\b(?:TODO|TBD)\b")]
    private static partial Regex Word();

    [GeneratedRegex("<!-- figures: (.+?) -->")]
    private static partial Regex Figures();

    // A line that is neither the machine, the command nor a fence.
    [GeneratedRegex(@"^(?!On |\$ |```)\S", RegexOptions.Multiline)]
    private static partial Regex Figure();
}

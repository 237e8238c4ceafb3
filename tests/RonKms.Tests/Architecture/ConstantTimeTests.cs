using System.Text.RegularExpressions;

namespace RonKms.Tests.Architecture;

/// <summary>docs/algorithms.md leads from each algorithm to the files that say why it takes the same time for every secret.</summary>
public sealed partial class ConstantTimeTests
{
    private static readonly string s_page = File.ReadAllText(Repository.PathOf("docs", "algorithms.md"));

    [Fact]
    public void Every_file_that_the_page_names_says_it()
    {
        string[] paths = [.. Source().Matches(s_page).Select(link => link.Groups[1].Value)];

        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.Matches(Claim(), File.ReadAllText(Repository.PathOf(path))));
    }

    [Fact]
    public void No_algorithm_is_missing()
    {
        IEnumerable<string> algorithms =
            from path in Directory.EnumerateFiles(Repository.PathOf("src"), "*Algorithm.cs", SearchOption.AllDirectories)
            let source = File.ReadAllText(path)
            where Leaf().IsMatch(source) && !source.Contains(" : HybridSignatureAlgorithm", StringComparison.Ordinal)
            select Path.GetFileName(path);

        Assert.NotEmpty(algorithms);
        Assert.All(algorithms, file => Assert.Contains($"/{file})", s_page, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\]\(\.\./(src/[^)]+\.cs)\)")]
    private static partial Regex Source();

    [GeneratedRegex("[Cc]onstant[- ]time")]
    private static partial Regex Claim();

    [GeneratedRegex(@"^public sealed (?:partial )?class \w+Algorithm\b.* : \w+Algorithm\b", RegexOptions.Multiline)]
    private static partial Regex Leaf();
}

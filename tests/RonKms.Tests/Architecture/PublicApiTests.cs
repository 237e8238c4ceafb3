using System.Text.RegularExpressions;
using RonKms.Testing;

namespace RonKms.Tests.Architecture;

/// <summary>What users can see is a text that is reviewed: PublicApi.NAME.txt, beside the tests of each package.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_interface_is_the_one_that_was_reviewed() => PublicApiReview.Check(typeof(Keystore).Assembly);

    [Fact]
    public void The_public_interface_of_the_suites_is_the_one_that_was_reviewed() => PublicApiReview.Check(typeof(ManualTimeProvider).Assembly);

    [Fact]
    public void Each_package_has_its_text_and_a_test_that_holds_it_to_the_text()
    {
        string[] texts = [.. Repository.Files("PublicApi.*.txt", "tests")];

        Assert.Equal(Packages(), texts.Select(text => Path.GetFileNameWithoutExtension(text)["PublicApi.".Length..]).Order(StringComparer.Ordinal));
        Assert.All(texts.GroupBy(text => Path.GetDirectoryName(text)!), folder => Assert.Equal(
            folder.Count(),
            Regex.Count(File.ReadAllText(Path.Combine(folder.Key, "PublicApiTests.cs")), @"\bPublicApiReview\.Check\(")));
    }

    [Fact]
    public void Each_package_is_packed()
    {
        Assert.Equal(Packages(), Named(@"([\w.]+)\.csproj""", "eng", "Packages.slnf"));
        Assert.Equal(Packages(), Named("(?m)^package (.+)$", "eng", "package", "contents.txt"));
    }

    [Fact]
    public void No_package_sees_the_internals_of_another()
    {
        string[] friends =
        [
            .. Repository.Files("*.csproj", Repository.Projects)
                .SelectMany(project => Regex.Matches(File.ReadAllText(project), @"<InternalsVisibleTo Include=""(.+?)"""))
                .Select(match => match.Groups[1].Value),
        ];

        Assert.NotEmpty(friends);
        Assert.Empty(friends.Intersect(Packages()));
    }

    /// <summary>What a pattern's group finds in a file.</summary>
    private static IEnumerable<string> Named(string pattern, params string[] file) =>
        Regex.Matches(File.ReadAllText(Repository.PathOf(file)), pattern).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal);

    /// <summary>The projects that Directory.Build.props makes packages of, and any that calls itself one.</summary>
    private static IEnumerable<string> Packages() => Repository.Files("*.csproj", Repository.Projects)
        .Where(path => path.StartsWith(Repository.PathOf("src") + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            || Path.GetFileName(path) == "RonKms.Testing.csproj"
            || Regex.IsMatch(File.ReadAllText(path), "<Is(Packable|Package)>true"))
        .Select(path => Path.GetFileNameWithoutExtension(path))
        .Order(StringComparer.Ordinal);
}

using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace RonKms.Tests.Architecture;

/// <summary>What the build takes from others is named by version and hash, in files that are reviewed.</summary>
public sealed partial class PackageLockTests
{
    // Somebody else's projects, copied out of the repository: they show that the packages can be used, and nothing is built from them.
    private static readonly string s_consumer = Repository.PathOf("eng", "consumer") + Path.DirectorySeparatorChar;

    private static readonly string[] s_projects =
    [
        .. new[] { "src", "tests", "benches", "fuzz", "samples", "eng" }
            .SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
            .Where(path => !path.StartsWith(s_consumer, StringComparison.Ordinal)),
    ];

    private static readonly (string Project, string Package, JsonElement Entry)[] s_locked =
    [
        .. from project in s_projects
           from framework in JsonElement.Parse(File.ReadAllBytes(LockOf(project))).GetProperty("dependencies").EnumerateObject()
           from package in framework.Value.EnumerateObject()
           where package.Value.GetProperty("type").GetString() != "Project"
           select (project, package.Name, package.Value),
    ];

    [Fact]
    public void Each_package_of_each_project_is_locked_by_its_hash()
    {
        Assert.True(s_projects.Length > 20);
        Assert.NotEmpty(s_locked);
        Assert.All(s_locked, locked => Assert.Equal(64, Convert.FromBase64String(locked.Entry.GetProperty("contentHash").GetString()!).Length));
    }

    [Fact]
    public void One_version_has_one_hash() => Assert.All(
        s_locked.GroupBy(locked => $"{locked.Package} {locked.Entry.GetProperty("resolved")}", StringComparer.OrdinalIgnoreCase),
        version => Assert.Single(version.Select(locked => locked.Entry.GetProperty("contentHash").GetString()).Distinct()));

    [Fact]
    public void Versions_are_exact_and_stand_in_one_place()
    {
        XElement[] versions = [.. XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("PackageVersion")];

        Assert.NotEmpty(versions);
        Assert.All(versions, version => Assert.Matches(Exact(), version.Attribute("Version")!.Value));
        Assert.All(s_projects.SelectMany(project => XDocument.Load(project).Descendants("PackageReference")), reference =>
        {
            Assert.Null(reference.Attribute("Version"));
            Assert.Null(reference.Attribute("VersionOverride"));
        });
    }

    [Fact]
    public void CI_restores_what_is_locked_and_nothing_else_before_it_builds()
    {
        string[] stages = [.. File.ReadLines(Repository.PathOf(".ci", "run")).Where(line => line.StartsWith("stage ", StringComparison.Ordinal))];
        string solution = File.ReadAllText(Repository.PathOf("RonKms.sln")).Replace('\\', '/');

        int restore = Array.FindIndex(stages, stage => stage.EndsWith(" dotnet restore RonKms.sln --locked-mode", StringComparison.Ordinal));
        Assert.InRange(restore, 0, Array.FindIndex(stages, stage => stage.StartsWith("stage build ", StringComparison.Ordinal)) - 1);
        Assert.All(s_projects, project => Assert.Contains($"\"{Path.GetRelativePath(Repository.PathOf(), project).Replace('\\', '/')}\"", solution, StringComparison.Ordinal));
    }

    private static string LockOf(string project) => Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json");

    [GeneratedRegex(@"^[0-9]+\.[0-9]+\.[0-9]+$")]
    private static partial Regex Exact();
}

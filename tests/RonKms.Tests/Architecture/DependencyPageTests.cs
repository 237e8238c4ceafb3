using System.Text.Json;
using System.Text.RegularExpressions;

namespace RonKms.Tests.Architecture;

/// <summary>docs/dependencies.md lists what the lock files hold, neither less nor more.</summary>
public sealed partial class DependencyPageTests
{
    private static readonly string s_root = Path.GetFullPath(Path.Combine(OwnVectors.Folder, "..", ".."));
    private static readonly string[] s_page = File.ReadAllLines(Path.Combine(s_root, "docs", "dependencies.md"));

    [Fact]
    public void The_page_has_a_row_for_each_package_of_the_lock_files_with_its_version()
    {
        IEnumerable<string> locked = new[] { "src", "tests", "benches", "fuzz", "samples", "eng" }.SelectMany(Packages).Distinct().Concat(NpmPackages()).Order(StringComparer.Ordinal);

        Assert.Equal(locked, Rows(s_page).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_has_a_row_for_each_package_of_npm_that_a_script_asks_for_with_its_version() =>
        Assert.Equal(NpmPackages().Order(StringComparer.Ordinal), Rows(Section("Fetched by scripts")).Order(StringComparer.Ordinal));

    [Fact]
    public void What_the_packages_bring_is_in_the_first_table_and_what_only_builds_them_in_the_second()
    {
        string[] brought = [.. Rows(Section("In the packages"))];
        string[] building = [.. Rows(Section("For building the packages"))];

        Assert.Equal(
            Packages("src").Concat(Packages(Path.Combine("tests", "RonKms.Testing"))).Distinct().Order(StringComparer.Ordinal),
            brought.Concat(building).Order(StringComparer.Ordinal));
        Assert.All(building, row => Assert.Matches("BannedApiAnalyzers|ILLink", row));
    }

    [Fact]
    public void Each_row_has_a_licence_and_a_reason() =>
        Assert.All(s_page.Where(line => Row().IsMatch(line)), line => Assert.All(line.Split('|')[1..^1], cell => Assert.NotEmpty(cell.Trim())));

    /// <summary>"name version" of each package in the lock files under a folder.</summary>
    private static IEnumerable<string> Packages(string folder)
    {
        string[] locks = [.. Directory.EnumerateDirectories(Path.Combine(s_root, folder)).Prepend(Path.Combine(s_root, folder))
            .Select(directory => Path.Combine(directory, "packages.lock.json")).Where(File.Exists)];
        Assert.NotEmpty(locks);
        foreach (string path in locks)
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (JsonProperty package in document.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(target => target.Value.EnumerateObject()))
            {
                if (package.Value.GetProperty("type").GetString() != "Project")
                {
                    yield return $"{package.Name} {package.Value.GetProperty("resolved").GetString()}";
                }
            }
        }
    }

    /// <summary>"name version" of each package that a package.json in eng/ names, with the version in the lock file beside it.</summary>
    private static IEnumerable<string> NpmPackages()
    {
        string[] manifests = [.. Directory.EnumerateDirectories(Path.Combine(s_root, "eng")).Select(folder => Path.Combine(folder, "package.json")).Where(File.Exists)];
        Assert.NotEmpty(manifests);
        foreach (string manifest in manifests)
        {
            using JsonDocument asked = JsonDocument.Parse(File.ReadAllBytes(manifest));
            using JsonDocument locked = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(manifest)!, "package-lock.json")));
            foreach (JsonProperty package in asked.RootElement.GetProperty("dependencies").EnumerateObject())
            {
                JsonElement held = locked.RootElement.GetProperty("packages").GetProperty("node_modules/" + package.Name);
                yield return $"{package.Name} {held.GetProperty("version").GetString()}";
            }
        }
    }

    private static IEnumerable<string> Rows(IEnumerable<string> lines) =>
        lines.Select(line => Row().Match(line)).Where(row => row.Success).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}");

    private static IEnumerable<string> Section(string name) =>
        s_page.SkipWhile(line => line != "## " + name).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));

    // A package's name and its whole version: "| Name | 1.2.3 |". What is from neither NuGet nor npm has no such version.
    [GeneratedRegex(@"^\| ([A-Za-z0-9.@/-]+) \| ([0-9]+\.[0-9]+\.[0-9]+) \|")]
    private static partial Regex Row();
}

using System.Text.Json;
using System.Text.RegularExpressions;

namespace RonKms.Tests.Architecture;

/// <summary>docs/dependencies.md lists what the lock files hold, neither less nor more.</summary>
public sealed partial class DependencyPageTests
{
    private static readonly string[] s_page = File.ReadAllLines(Repository.PathOf("docs", "dependencies.md"));

    [Fact]
    public void The_page_has_a_row_for_each_package_of_the_lock_files_with_its_version() =>
        Assert.Equal(
            Sorted(Locked(Repository.Projects).Select(package => package.Title).Concat(NpmPackages())), Rows(s_page).Select(row => row.Title).Order(StringComparer.Ordinal));

    [Fact]
    public void The_page_has_a_row_for_each_package_of_npm_that_a_script_asks_for_with_its_version() =>
        Assert.Equal(NpmPackages().Order(StringComparer.Ordinal), Rows(Section("Fetched by scripts")).Select(row => row.Title).Order(StringComparer.Ordinal));

    [Fact]
    public void What_the_packages_bring_is_in_the_first_table_and_what_only_builds_them_in_the_second()
    {
        string[] brought = [.. Rows(Section("In the packages")).Select(row => row.Title)];
        string[] building = [.. Rows(Section("For building the packages")).Select(row => row.Title)];

        Assert.Equal(Sorted(LockedByPackages().Select(package => package.Title)), brought.Concat(building).Order(StringComparer.Ordinal));
        Assert.All(building, row => Assert.Matches("BannedApiAnalyzers|ILLink", row));
    }

    [Fact]
    public void What_comes_along_with_another_package_says_with_which()
    {
        LockedPackage[] locked = [.. LockedByPackages()];
        string[] direct = [.. locked.Where(package => package.IsDirect).Select(package => package.Title)];

        Assert.All(Rows(Section("In the packages")).Where(row => !direct.Contains(row.Title)), row => Assert.Equal(
            "through " + string.Join(", ", Sorted(locked.Where(package => package.Needs.Contains(row.Name)).Select(package => package.Name))),
            row.Reason));
    }

    [Fact]
    public void Each_row_has_a_licence_and_a_reason() => Assert.All(Rows(s_page), row =>
    {
        Assert.Matches("^(MIT|Apache-2.0|BSD-3-Clause)$", row.Licence);
        Assert.NotEmpty(row.Reason);
    });

    private static IEnumerable<LockedPackage> LockedByPackages() => Locked("src", Path.Combine("tests", "RonKms.Testing"));

    /// <summary>The packages in all lock files under some folders, whichever project brings them and however far away.</summary>
    private static IEnumerable<LockedPackage> Locked(params string[] folders)
    {
        string[] locks = [.. Repository.Files("packages.lock.json", folders)];
        Assert.NotEmpty(locks);
        foreach (string path in locks)
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (JsonProperty package in document.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(target => target.Value.EnumerateObject()))
            {
                string type = package.Value.GetProperty("type").GetString()!;
                if (type != "Project")
                {
                    string[] needs = package.Value.TryGetProperty("dependencies", out JsonElement dependencies) ? [.. dependencies.EnumerateObject().Select(one => one.Name)] : [];
                    yield return new LockedPackage(package.Name, package.Value.GetProperty("resolved").GetString()!, type == "Direct", needs);
                }
            }
        }
    }

    /// <summary>"name version" of each package that a package.json in eng/ names, with the version in the lock file beside it.</summary>
    private static IEnumerable<string> NpmPackages()
    {
        string[] manifests = [.. Directory.EnumerateDirectories(Repository.PathOf("eng")).Select(folder => Path.Combine(folder, "package.json")).Where(File.Exists)];
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

    private static IEnumerable<string> Sorted(IEnumerable<string> lines) => lines.Distinct().Order(StringComparer.Ordinal);

    private static IEnumerable<PageRow> Rows(IEnumerable<string> lines) => lines.Select(line => Row().Match(line)).Where(row => row.Success)
        .Select(row => new PageRow(row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value.Trim(), row.Groups[4].Value.Trim()));

    private static IEnumerable<string> Section(string name) =>
        s_page.SkipWhile(line => line != "## " + name).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));

    // A package's name and its whole version, licence and reason: "| Name | 1.2.3 | MIT | why |". What is from neither NuGet nor npm has no such version.
    [GeneratedRegex(@"^\| ([A-Za-z0-9.@/-]+) \| ([0-9]+\.[0-9]+\.[0-9]+) \|([^|]*)\|([^|]*)\|$")]
    private static partial Regex Row();

    private sealed record LockedPackage(string Name, string Version, bool IsDirect, string[] Needs)
    {
        public string Title => $"{Name} {Version}";
    }

    private sealed record PageRow(string Name, string Version, string Licence, string Reason)
    {
        public string Title => $"{Name} {Version}";
    }
}

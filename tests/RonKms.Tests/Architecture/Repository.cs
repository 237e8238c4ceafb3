namespace RonKms.Tests.Architecture;

/// <summary>The files that this build was made from.</summary>
internal static class Repository
{
    /// <summary>The folders with projects.</summary>
    internal static readonly string[] Projects = ["src", "tests", "benches", "fuzz", "samples", "eng"];

    /// <summary>The path of a file or folder.</summary>
    internal static string PathOf(params string[] parts) => Path.GetFullPath(Path.Combine([OwnVectors.Folder, "..", "..", .. parts]));

    /// <summary>Every C# file of the tests, whatever project it belongs to.</summary>
    internal static IEnumerable<string> TestSources() => Files("*.cs", "tests").Select(File.ReadAllText);

    /// <summary>The paths of all files under some folders whose name fits a pattern; none that a build made.</summary>
    internal static IEnumerable<string> Files(string pattern, params string[] folders) =>
        from folder in folders
        from path in Directory.EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories)
        where !Path.GetRelativePath(PathOf(), path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
        select path;
}

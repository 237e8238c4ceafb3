namespace RonKms.Tests.Architecture;

/// <summary>The files that this build was made from.</summary>
internal static class Repository
{
    /// <summary>The path of a file or folder.</summary>
    internal static string PathOf(params string[] parts) => Path.GetFullPath(Path.Combine([OwnVectors.Folder, "..", "..", .. parts]));

    /// <summary>Every C# file of the tests, whatever project it belongs to.</summary>
    internal static IEnumerable<string> TestSources() =>
        from path in Directory.EnumerateFiles(PathOf("tests"), "*.cs", SearchOption.AllDirectories)
        where !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
        select File.ReadAllText(path);
}

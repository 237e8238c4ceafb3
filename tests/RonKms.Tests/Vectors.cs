using System.IO.Compression;
using System.Text.Json;

namespace RonKms.Tests;

/// <summary>The public test vectors, in ../shared/vectors beside the repository. Without them a test is skipped, and says so.</summary>
internal static class Vectors
{
    private const string Missing = "skipped: no ../shared/vectors";
    private const string RootMarker = "RonKms.sln";

    /// <summary>Reads a file of vectors.</summary>
    /// <param name="path">Its path inside the folder; .json, or .json.gz.</param>
    /// <returns>The document's root.</returns>
    internal static JsonElement Read(string path)
    {
        using FileStream file = File.OpenRead(PathOf(path));
        using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using JsonDocument document = JsonDocument.Parse(content);
        return document.RootElement.Clone();
    }

    /// <summary>Where a file or folder of vectors lies.</summary>
    /// <param name="path">Its path inside the folder.</param>
    /// <returns>Its full path.</returns>
    internal static string PathOf(string path)
    {
        string? folder = FindFolder();
        Assert.SkipWhen(folder is null, Missing);
        return Path.Combine(folder!, path);
    }

    /// <summary>The cases of a file that keeps them in testGroups, as ACVP and Wycheproof do.</summary>
    /// <param name="root">The document's root.</param>
    /// <returns>Each case with its group.</returns>
    internal static IEnumerable<(JsonElement Group, JsonElement Case)> Cases(JsonElement root) =>
        from g in root.GetProperty("testGroups").EnumerateArray()
        from test in g.GetProperty("tests").EnumerateArray()
        select (g, test);

    /// <summary>A member that holds hex.</summary>
    /// <param name="element">The object.</param>
    /// <param name="name">The member's name.</param>
    /// <returns>The bytes.</returns>
    internal static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    /// <summary>A member that holds text.</summary>
    /// <param name="element">The object.</param>
    /// <param name="name">The member's name.</param>
    /// <returns>The text.</returns>
    internal static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    /// <summary>A member that holds a number.</summary>
    /// <param name="element">The object.</param>
    /// <param name="name">The member's name.</param>
    /// <returns>The number.</returns>
    internal static int Number(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static string? FindFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, RootMarker)))
            {
                string vectors = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "vectors"));
                return Directory.Exists(vectors) ? vectors : null;
            }
        }

        return null;
    }
}

using System.Text;
using System.Text.Json;
using RonKms.Sealing;

namespace RonKms.Tests;

/// <summary>The project's own vectors of the sealed formats, made by a second implementation: vectors/ronk.</summary>
internal static class OwnVectors
{
    private const string RootMarker = "RonKms.sln";

    /// <summary>The folder with the vectors.</summary>
    internal static string Folder { get; } = FindFolder();

    /// <summary>Reads a file of vectors.</summary>
    /// <param name="name">Its name in the folder.</param>
    /// <returns>The document's root.</returns>
    internal static JsonElement Read(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(Folder, name));
        using JsonDocument document = JsonDocument.Parse(file, new JsonDocumentOptions { MaxDepth = 256 });
        return document.RootElement.Clone();
    }

    /// <summary>Runs a check over every case of a list, and names all that went wrong and how.</summary>
    /// <param name="root">The document's root.</param>
    /// <param name="list">The list's name.</param>
    /// <param name="count">How many cases there must be.</param>
    /// <param name="check">The check; fails by throwing.</param>
    internal static void Each(this JsonElement root, string list, int count, Action<JsonElement> check)
    {
        StringBuilder wrong = new();
        int n = 0;
        foreach (JsonElement test in root.GetProperty(list).EnumerateArray())
        {
            n++;
            try
            {
                check(test);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                wrong.AppendLine().Append(NameOf(test, n)).Append(": ").Append(e.GetType().Name).Append(": ").Append(e.Message);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{list}: {n} cases");
        Assert.True(wrong.Length == 0, wrong.ToString());
        Assert.Equal(count, n);
    }

    /// <summary>A member that holds hex, or nothing.</summary>
    internal static byte[]? HexOrNull(this JsonElement element, string name) =>
        element.GetProperty(name).GetString() is { } hex ? Convert.FromHexString(hex) : null;

    /// <summary>A member that holds a UUID.</summary>
    internal static Guid Uuid(this JsonElement element, string name) => Guid.ParseExact(element.GetProperty(name).GetString()!, "D");

    /// <summary>A member that holds a time or a sequence number.</summary>
    internal static long Long(this JsonElement element, string name) => element.GetProperty(name).GetInt64();

    /// <summary>The store key that a case names; the caller disposes it.</summary>
    internal static StoreKey StoreKey(this JsonElement element) =>
        new(element.Uuid("store_id"), SecretBytes.CopyOf(element.Hex("store_key")));

    private static string NameOf(JsonElement test, int n)
    {
        foreach (string member in (ReadOnlySpan<string>)["name", "text", "directory"])
        {
            if (test.TryGetProperty(member, out JsonElement name))
            {
                return name.GetString()!;
            }
        }

        return $"case {n}";
    }

    private static string FindFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, RootMarker)))
            {
                return Path.Combine(folder.FullName, "vectors", "ronk");
            }
        }

        throw new DirectoryNotFoundException($"There is no {RootMarker} above {AppContext.BaseDirectory}.");
    }
}

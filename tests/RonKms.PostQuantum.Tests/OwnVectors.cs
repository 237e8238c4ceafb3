using System.Text.Json;

namespace RonKms.PostQuantum.Tests;

/// <summary>The project's own vectors of the post-quantum algorithms: vectors/mlkem and its siblings.</summary>
internal static class OwnVectors
{
    private const string RootMarker = "RonKms.sln";

    /// <summary>Reads a file of vectors.</summary>
    /// <param name="path">Its path inside the folder.</param>
    /// <returns>The document's root.</returns>
    internal static JsonElement Read(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, RootMarker)))
            {
                using FileStream file = File.OpenRead(Path.Combine(folder.FullName, "vectors", path));
                using JsonDocument document = JsonDocument.Parse(file);
                return document.RootElement.Clone();
            }
        }

        throw new DirectoryNotFoundException($"There is no {RootMarker} above {AppContext.BaseDirectory}.");
    }
}

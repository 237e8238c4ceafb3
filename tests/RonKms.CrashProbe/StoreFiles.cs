using System.Text.Json;

namespace RonKms.CrashProbe;

/// <summary>Where a store's files lie, found without the library.</summary>
internal static class StoreFiles
{
    internal static string Description(string directory) => Path.Combine(directory, "store.json");

    internal static string NextDescription(string directory) => Path.Combine(directory, "store.json.next");

    /// <summary>The number of the generation that store.json names.</summary>
    internal static long LiveGeneration(string directory) => Describe(directory).GetProperty("gen").GetInt64();

    internal static string StoreId(string directory) => Describe(directory).GetProperty("store_id").GetString()!;

    internal static string Journal(string directory, long generation) => Path.Combine(directory, $"g{generation}", "journal.jsonl");

    internal static string ArchivedJournal(string directory, long generation) => Path.Combine(directory, "archive", $"g{generation}.jsonl");

    internal static string Keys(string directory) => Path.Combine(directory, $"g{LiveGeneration(directory)}", "keys");

    internal static string DirectoryOf(string directory, KeyId key) => Path.Combine(Keys(directory), key.Uuid.ToString("D")[..2]);

    /// <summary>A version's file, by its name without the directories.</summary>
    internal static string NameOf(KeyId key, bool isDestroyed) => $"{key.Uuid:D}.v{key.Version}{(isDestroyed ? ".pub" : ".ronk")}";

    /// <summary>Copies a directory with all that lies in it, modes too.</summary>
    internal static void Copy(string from, string to)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException();

        Directory.CreateDirectory(to, File.GetUnixFileMode(from));
        foreach (string file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (string below in Directory.EnumerateDirectories(from)) Copy(below, Path.Combine(to, Path.GetFileName(below)));
    }

    private static JsonElement Describe(string directory) => JsonElement.Parse(File.ReadAllBytes(Description(directory)));
}

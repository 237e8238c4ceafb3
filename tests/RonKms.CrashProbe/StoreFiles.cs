namespace RonKms.CrashProbe;

/// <summary>Where the files of key versions lie.</summary>
internal static class StoreFiles
{
    internal static string Keys(string directory) => Path.Combine(directory, "g1", "keys");

    internal static string DirectoryOf(string directory, KeyId key) => Path.Combine(Keys(directory), key.Uuid.ToString("D")[..2]);

    /// <summary>A version's file, by its name without the directories.</summary>
    internal static string NameOf(KeyId key, bool isDestroyed) => $"{key.Uuid:D}.v{key.Version}{(isDestroyed ? ".pub" : ".ronk")}";
}

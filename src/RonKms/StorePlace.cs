using RonKms.Storage;

namespace RonKms;

/// <summary>Opens the store that a place names.</summary>
internal static class StorePlace
{
    private const string Memory = "memory:";
    private const string FileScheme = "file:";

    /// <summary>Whether what is stored at a place is gone when the process ends.</summary>
    internal static bool IsVolatile(string place) => place == Memory;

    /// <exception cref="ArgumentException">The place is of no known kind.</exception>
    internal static ISealedStore Open(string place, bool create, KeystoreOptions options)
    {
        if (IsVolatile(place))
        {
            return new MemoryStore();
        }

        if (place.StartsWith(FileScheme, StringComparison.Ordinal) && place.Length > FileScheme.Length)
        {
            FileStoreOptions file = new() { Create = create, LockTimeout = options.LockTimeout, TimeProvider = options.TimeProvider };
            return FileStore.Open(place[FileScheme.Length..], file);
        }

        throw new ArgumentException($"A place is memory: or file:PATH, and not '{place}'. For pkcs11: add the package RonKms.Pkcs11.", nameof(place));
    }
}

using RonKms.Storage;

namespace RonKms;

/// <summary>Opens the store that a place names.</summary>
internal static class StorePlace
{
    /// <summary>What a path must be, for messages.</summary>
    internal const string WrittenOut = "a path that is written out: ~ is not expanded here";

    private const string Memory = "memory:";
    private const string FileScheme = "file:";

    // Known by name, so that who asks for it without the package is told what is missing.
    private const string TokenScheme = "pkcs11:";

    /// <summary>Whether what is stored at a place is gone when the process ends.</summary>
    internal static bool IsVolatile(string place) => place == Memory;

    /// <summary>Whether a place names a device.</summary>
    internal static bool IsDevice(string place) => place.StartsWith(TokenScheme, StringComparison.Ordinal);

    /// <summary>What opens a place that names a device; <see langword="null"/> where nothing does.</summary>
    internal static IDevicePlaces? DeviceOf(string place, IEnumerable<IDevicePlaces> devices) =>
        devices.LastOrDefault(device => place.StartsWith(device.Scheme, StringComparison.Ordinal));

    /// <summary>What a place must be and is not; <see langword="null"/> where it can be opened.</summary>
    internal static string? Fault(string place)
    {
        if (IsVolatile(place))
        {
            return null;
        }

        return !place.StartsWith(FileScheme, StringComparison.Ordinal) || place.Length == FileScheme.Length
            ? "memory: or file:PATH (or, as RON_KMS_STORE and with options.UsePkcs11() of the package RonKms.Pkcs11, pkcs11:URI;x-store=file:PATH)"
            : place[FileScheme.Length] == '~' ? "file: and " + WrittenOut
            : null;
    }

    /// <summary>The directory that a place names.</summary>
    /// <exception cref="ArgumentException">It names none.</exception>
    internal static string PathOf(string place)
    {
        RequireKnown(place);
        return IsVolatile(place) ? throw new ArgumentException($"There is no directory at {place}: name file:PATH.", nameof(place)) : place[FileScheme.Length..];
    }

    /// <exception cref="ArgumentException">The place is of no known kind.</exception>
    internal static ISealedStore Open(string place, bool create, KeystoreOptions options, bool forRestore = false, bool readOnly = false)
    {
        RequireKnown(place);
        if (IsVolatile(place))
        {
            return create
                ? new MemoryStore()
                : throw new ArgumentException(
                    $"A store in memory is always new, so there is none to open at {place}. Use {nameof(Keystore)}.{nameof(Keystore.InMemory)}, or {nameof(Keystore.OpenOrCreate)}.",
                    nameof(place));
        }

        FileStoreOptions file = new() { Create = create, ReadOnly = readOnly, LockTimeout = options.LockTimeout, TimeProvider = options.TimeProvider };
        return FileStore.Open(place[FileScheme.Length..], file, new FileOperations(), forRestore);
    }

    private static void RequireKnown(string place)
    {
        if (Fault(place) is { } allowed)
        {
            throw new ArgumentException($"A place must be {allowed}. It is '{place}'.", nameof(place));
        }
    }
}

using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms;

/// <content>How a keystore is opened.</content>
public sealed partial class Keystore
{
    /// <summary>A keystore in memory: nothing reaches a file, and everything is wiped with it.</summary>
    /// <param name="options">What it is opened with.</param>
    /// <returns>The keystore; the caller disposes it.</returns>
    public static Keystore InMemory(KeystoreOptions? options = null) => Open(new MemoryStore(), KeyEncryptionKey.Ephemeral(), options, create: true);

    /// <summary>Opens the store at a place. One that is not there is not made: a wrong mount must not make new keys.</summary>
    /// <param name="place"><c>file:PATH</c>, a directory.</param>
    /// <param name="kek">What the store's key is wrapped under; the keystore takes ownership.</param>
    /// <param name="options">What it is opened with.</param>
    /// <returns>The keystore; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The place is of no known kind, or an option is not allowed.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>: <see cref="KeystoreOptions.PqMode"/> chooses what nothing provides;
    /// <see cref="KmsError.StoreNotFound"/>, <see cref="KmsError.StoreLocked"/>, <see cref="KmsError.WrongKek"/>,
    /// <see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.Rollback"/>, <see cref="KmsError.NewerFormat"/>,
    /// <see cref="KmsError.PermissionsTooWide"/>, <see cref="KmsError.StoreFailed"/>.</exception>
    public static Keystore Open(string place, KeyEncryptionKey kek, KeystoreOptions? options = null) => Open(place, kek, options, create: false);

    /// <summary>Opens the store at a place, or makes it where there is none.</summary>
    /// <inheritdoc cref="Open(string, KeyEncryptionKey, KeystoreOptions?)"/>
    public static Keystore OpenOrCreate(string place, KeyEncryptionKey kek, KeystoreOptions? options = null) => Open(place, kek, options, create: true);

    /// <summary>Opens the store at a place to follow it: beside the process that writes to it, and changing nothing.</summary>
    /// <remarks>
    /// It does whatever changes nothing: verify, sign, unwrap, list, attest; everything else gives <see cref="InvalidOperationException"/>. What the
    /// writer does is seen here at the latest after <see cref="KeystoreOptions.MaxStaleness"/>; where the store cannot be seen for so long, everything
    /// fails with <see cref="KmsError.StoreStale"/>, verifying too, until it can be seen again. There is no thread: calls look at the store when it is time.
    /// A change of generation (<see cref="Reseal"/>, <see cref="Compact"/>, a restore) is followed as long as the key-encryption key given opens the
    /// new one; a rollback under the keystore ends it. For local file systems only. See docs/operations.md.
    /// </remarks>
    /// <param name="place"><c>file:PATH</c>, a directory that holds a store.</param>
    /// <param name="kek">What the store's key is wrapped under; the keystore takes ownership, and keeps it until it is disposed.</param>
    /// <param name="options">What it is opened with. Its anchor is read once and never moved.</param>
    /// <returns>The keystore; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The place is no directory, or an option is not allowed.</exception>
    /// <exception cref="KmsException">As for <see cref="Open(string, KeyEncryptionKey, KeystoreOptions?)"/>, but for <see cref="KmsError.StoreLocked"/>.</exception>
    public static Keystore OpenReadOnly(string place, KeyEncryptionKey kek, KeystoreOptions? options = null) =>
        Open(place, kek, options, create: false, readOnly: true);

    /// <summary>Opens a store of any kind. One that is empty is not made: see the overload.</summary>
    /// <param name="store">Where sealed bytes lie; the keystore takes ownership, also when it throws.</param>
    /// <param name="kek">What the store's key is wrapped under; the keystore takes ownership, also when it throws.</param>
    /// <param name="options">What it is opened with.</param>
    /// <returns>The keystore; the caller disposes it.</returns>
    /// <exception cref="KmsException">As for the other overload.</exception>
    public static Keystore Open(ISealedStore store, KeyEncryptionKey kek, KeystoreOptions? options = null) => Open(store, kek, options, create: false);

    /// <summary>Opens a store of any kind, or makes it where there is none.</summary>
    /// <inheritdoc cref="Open(ISealedStore, KeyEncryptionKey, KeystoreOptions?)"/>
    public static Keystore OpenOrCreate(ISealedStore store, KeyEncryptionKey kek, KeystoreOptions? options = null) => Open(store, kek, options, create: true);

    /// <summary>Opens the store that the environment variables <c>RON_KMS_*</c> name: see <see cref="KeystoreSettings"/>.</summary>
    /// <param name="options">What it is opened with; what the environment says comes on top.</param>
    /// <returns>The keystore; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A variable is not a setting or has a value that is not allowed; the message says which and what is.</exception>
    /// <exception cref="KmsException">As for <see cref="Open(string, KeyEncryptionKey, KeystoreOptions?)"/>.</exception>
    public static Keystore FromEnvironment(KeystoreOptions? options = null) => Open(KeystoreSettings.FromEnvironment(), options);

    /// <summary>Opens the store that settings name.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="options">What it is opened with; what the settings say comes on top.</param>
    /// <returns>The keystore; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A setting has a value that is not allowed; the message says which and what is.</exception>
    /// <exception cref="KmsException">As for <see cref="Open(string, KeyEncryptionKey, KeystoreOptions?)"/>.</exception>
    public static Keystore Open(KeystoreSettings settings, KeystoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        options = options?.Copy() ?? new KeystoreOptions();
        settings.ApplyTo(options);
        if (settings.IsMemory)
        {
            if (settings.Store is null && options.LoggerFactory is { } loggers)
            {
                Diagnostics.KmsLog.KeysWillVanish(loggers.CreateLogger("RonKms"));
            }

            return InMemory(options);
        }

        return StorePlace.DeviceOf(settings.Store!, options.DevicePlaces) is { } device
            ? Open(device, settings, options)
            : Open(settings.Store!, settings.OpenKek(), options, settings.MayCreate, settings.IsReadOnly);
    }

    private static Keystore Open(IDevicePlaces device, KeystoreSettings settings, KeystoreOptions options)
    {
        if (options.Backend is not null)
        {
            throw new ArgumentException($"RON_KMS_STORE names where keys act, and so does {nameof(KeystoreOptions)}.{nameof(KeystoreOptions.Backend)}. Leave one of the two out.");
        }

        DevicePlace place = device.Open(settings.Store!, options.Algorithms, settings.MayCreate, settings.IsKekMounted);
        options.Backend = place.Backend;
        if (settings.IsAnchoredInDevice)
        {
            options.Anchor = place.Anchor;
        }

        return Open(place.Store, place.Kek, options, settings.MayCreate, settings.IsReadOnly);
    }

    private static Keystore Open(string place, KeyEncryptionKey kek, KeystoreOptions? options, bool create, bool readOnly = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(place);
        ArgumentNullException.ThrowIfNull(kek);
        ISealedStore store;
        try
        {
            options = (options ?? new KeystoreOptions()).Checked();
            RequireVolatile(options, StorePlace.IsVolatile(place), place);
            RequireAnchorFits(options.Anchor, StorePlace.IsVolatile(place), place);
            store = StorePlace.Open(place, create, options, readOnly: readOnly);
        }
        catch
        {
            kek.Dispose();
            options?.Backend?.Dispose();
            throw;
        }

        return Open(store, kek, options, create, readOnly);
    }

    private static Keystore Open(ISealedStore store, KeyEncryptionKey kek, KeystoreOptions? options, bool create, bool readOnly = false)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(kek);
        try
        {
            options = (options ?? new KeystoreOptions()).Checked();
            RequireVolatile(options, store.IsVolatile, store.Location);
            RequireAnchorFits(options.Anchor, store.IsVolatile, store.Location);
        }
        catch
        {
            kek.Dispose();
            store.Dispose();
            options?.Backend?.Dispose();
            throw;
        }

        Keystore keystore = new(new KeystoreCore(store, kek, create, readOnly, options));
        WarnOfKekInside(store.Location, kek, options);
        return keystore;
    }

    /// <summary>A key that lies beside what it opens protects nothing: who copies the store copies it too.</summary>
    private static void WarnOfKekInside(string location, KeyEncryptionKey kek, KeystoreOptions options)
    {
        if (kek.File is { } file
            && options.LoggerFactory is { } loggers
            && location.StartsWith("file:", StringComparison.Ordinal)
            && Path.GetFullPath(file).StartsWith(location["file:".Length..] + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            Diagnostics.KmsLog.KekInsideStore(loggers.CreateLogger("RonKms"), file, location);
        }
    }

    /// <summary>Refuses options that a store which outlives the process cannot keep. Asked before such a store is touched.</summary>
    private static void RequireVolatile(KeystoreOptions options, bool isVolatile, string location)
    {
        if (options.Amnesia == true && !isVolatile)
        {
            throw new ArgumentException($"Amnesia is asked for, and {location} would outlive the process. Use memory:, or turn amnesia off.");
        }

        if (options.PurgeAfter is not null && !isVolatile)
        {
            throw new ArgumentException($"{nameof(KeystoreOptions.PurgeAfter)} is for stores that end with the process; {location} does not.");
        }
    }
}

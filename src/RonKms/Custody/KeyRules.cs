namespace RonKms.Custody;

/// <summary>What a key's state allows. Source: docs/formats/ronk-v1.md, section 8.</summary>
internal static class KeyRules
{
    /// <summary>Finds a version by name.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.NoSuchKey"/></exception>
    internal static (KeyEntry Entry, KeyVersion Version) Resolve(KeyDirectory directory, KeyId key)
    {
        KeyEntry? entry = directory.Find(key.Uuid);
        KeyVersion? version = entry is null || !entry.Id.IsSameKey(key) ? null
            : key.IsLatest ? entry.Latest
            : entry.Find(key.Version);
        return version is null
            ? throw new KmsException(KmsError.NoSuchKey, $"There is no key {key} in this keystore. Check tenant, purpose, algorithm and version.")
            : (entry!, version);
    }

    /// <summary>Refuses what only an enabled, unexpired latest version may do: sign, compute a MAC, wrap, encapsulate.</summary>
    internal static void RequireCurrent(KeyEntry entry, KeyVersion version, CustodyJournal journal)
    {
        RequireReadable(entry, version, journal);
        if (!ReferenceEquals(entry.Latest, version))
        {
            throw new KmsException(
                KmsError.NotLatestVersion, $"{version.Id} was rotated; the latest version is #v{entry.Latest.Id.Version}. Use that one, or #latest.");
        }

        if (IsExpired(version, journal))
        {
            throw new KmsException(KmsError.Expired, $"{version.Id} has expired. Rotate it.");
        }
    }

    /// <summary>Refuses what a disabled or destroyed version may not do: decapsulate, unwrap, verify a MAC.</summary>
    internal static void RequireReadable(KeyEntry entry, KeyVersion version, CustodyJournal journal)
    {
        if (version.State == KeyState.Destroyed || IsPurged(entry, journal))
        {
            throw Destroyed(version.Id);
        }

        if (version.State == KeyState.Disabled)
        {
            throw new KmsException(KmsError.KeyDisabled, $"{version.Id} is disabled. Enable it if that was not meant, or use another key.");
        }
    }

    internal static bool IsExpired(KeyVersion version, CustodyJournal journal) => version.NotAfterMs != 0 && journal.NowMs() >= version.NotAfterMs;

    /// <summary>Whether the purge time has passed: it counts also where the purge itself is late.</summary>
    internal static bool IsPurged(KeyEntry entry, CustodyJournal journal) => entry.PurgeAtMs != 0 && journal.NowMs() >= entry.PurgeAtMs;

    internal static KmsException Destroyed(KeyId id) => new(KmsError.KeyDestroyed, $"{id} is destroyed. What was encrypted under it alone is gone.");
}

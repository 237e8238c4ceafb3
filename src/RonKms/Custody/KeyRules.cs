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
    /// <param name="entry">The key.</param>
    /// <param name="version">The version.</param>
    /// <param name="asLatest">Whether it was resolved as the latest one: then it was that a moment ago, also where it is being rotated right now.</param>
    /// <param name="journal">The journal, for the time.</param>
    internal static void RequireCurrent(KeyEntry entry, KeyVersion version, bool asLatest, CustodyJournal journal)
    {
        RequireReadable(entry, version, journal);
        if (!asLatest && !ReferenceEquals(entry.Latest, version))
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
        if (IsPurged(entry, journal))
        {
            throw Destroyed(version.Id);
        }

        RequireEnabled(version);
    }

    /// <summary>Refuses a version that is disabled or destroyed, or may be.</summary>
    internal static void RequireEnabled(KeyVersion version)
    {
        KeyState state = version.State;
        if (state == KeyState.Destroyed || version.IsPurged)
        {
            throw Destroyed(version.Id);
        }

        if (state != KeyState.Enabled)
        {
            throw new KmsException(KmsError.KeyDisabled, $"{version.Id} is disabled. Enable it if that was not meant, or use another key.");
        }

        if (version.IsInDoubt)
        {
            throw new KmsException(
                KmsError.StoreFailed,
                $"Disabling or destroying {version.Id} failed with unknown outcome, so it is not used any more. Reopen the store to see whether it was done.");
        }
    }

    internal static bool IsExpired(KeyVersion version, CustodyJournal journal) => version.NotAfterMs != 0 && journal.NowMs() >= version.NotAfterMs;

    /// <summary>Whether the purge time has passed: it counts also where the purge itself is late.</summary>
    internal static bool IsPurged(KeyEntry entry, CustodyJournal journal) => entry.PurgeAtMs != 0 && journal.NowMs() >= entry.PurgeAtMs;

    internal static KmsException Destroyed(KeyId id) => new(KmsError.KeyDestroyed, $"{id} is destroyed. What was encrypted under it alone is gone.");
}

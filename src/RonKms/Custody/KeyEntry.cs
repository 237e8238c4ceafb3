namespace RonKms.Custody;

/// <summary>A key with all its versions. Readers need no lock: the array of versions is replaced whole.</summary>
internal sealed class KeyEntry
{
    private volatile KeyVersion[] _versions;
    private volatile IReadOnlyList<KeyValuePair<string, string>> _labels;
    private long _purgeAtMs;

    internal KeyEntry(KeyVersion first, IReadOnlyList<KeyValuePair<string, string>> labels, KeyEntry? olderOfPurpose)
    {
        OlderOfPurpose = olderOfPurpose;
        Id = first.Id;
        _labels = labels;
        _versions = [first];
    }

    /// <summary>The key's name. Its version is the first one known here, and says nothing of the key.</summary>
    internal KeyId Id { get; }

    /// <summary>The key of the same tenant and purpose that was made before this one.</summary>
    internal KeyEntry? OlderOfPurpose { get; }

    /// <summary>As the newest version's line gives them, sorted by name.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Labels => _labels;

    /// <summary>In ascending order.</summary>
    internal ReadOnlySpan<KeyVersion> Versions => _versions;

    /// <summary>The highest version ever issued, whatever its state.</summary>
    internal KeyVersion Latest => _versions[^1];

    /// <summary>When every version is destroyed by itself; 0 where never. Known only to this process.</summary>
    internal long PurgeAtMs
    {
        get => Volatile.Read(ref _purgeAtMs);
        set => Volatile.Write(ref _purgeAtMs, value);
    }

    internal KeyVersion? Find(uint version)
    {
        KeyVersion[] versions = _versions;

        // Versions mostly count up without a gap, so the place is known.
        if (version - 1 < (uint)versions.Length && versions[version - 1].Id.Version == version)
        {
            return versions[version - 1];
        }

        foreach (KeyVersion candidate in versions)
        {
            if (candidate.Id.Version == version)
            {
                return candidate;
            }
        }

        return null;
    }

    internal void Add(KeyVersion version, IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        _labels = labels;
        _versions = [.. _versions, version];
    }
}

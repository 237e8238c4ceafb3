namespace RonKms.Custody;

/// <summary>A key with all its versions. Readers need no lock: the array of versions is replaced whole.</summary>
internal sealed class KeyEntry
{
    // Of most keys there is one version.
    private readonly KeyVersion _first;
    private volatile KeyVersion[]? _versions;
    private long _purgeAtMs;

    internal KeyEntry(KeyVersion first, KeyEntry? olderOfPurpose)
    {
        OlderOfPurpose = olderOfPurpose;
        Id = first.Id;
        _first = first;
    }

    /// <summary>The key's name. Its version is the first one known here, and says nothing of the key.</summary>
    internal KeyId Id { get; }

    /// <summary>The key of the same tenant and purpose that was made before this one.</summary>
    internal KeyEntry? OlderOfPurpose { get; }

    /// <summary>The newest version's, sorted by name.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Labels => Latest.Labels;

    /// <summary>In ascending order.</summary>
    internal ReadOnlySpan<KeyVersion> Versions => _versions is { } versions ? versions : new ReadOnlySpan<KeyVersion>(in _first);

    /// <summary>The highest version ever issued, whatever its state.</summary>
    internal KeyVersion Latest => Versions[^1];

    /// <summary>Whether any version is left that is not destroyed.</summary>
    internal bool IsHeld
    {
        get
        {
            foreach (KeyVersion version in Versions)
            {
                if (version.State != KeyState.Destroyed)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>When every version is destroyed by itself; 0 where never. Known only to this process.</summary>
    internal long PurgeAtMs
    {
        get => Volatile.Read(ref _purgeAtMs);
        set => Volatile.Write(ref _purgeAtMs, value);
    }

    internal KeyVersion? Find(uint version)
    {
        ReadOnlySpan<KeyVersion> versions = Versions;

        // Versions mostly count up without a gap, so the place is known.
        if (version - 1 < (uint)versions.Length && versions[(int)version - 1].Number == version)
        {
            return versions[(int)version - 1];
        }

        foreach (KeyVersion candidate in versions)
        {
            if (candidate.Number == version)
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Notes that the purge time came.</summary>
    internal void Purge()
    {
        foreach (KeyVersion version in Versions)
        {
            version.Purge();
        }
    }

    internal void Add(KeyVersion version)
    {
        Latest.Supersede();
        _versions = [.. Versions, version];
    }
}

using System.Collections.Concurrent;

namespace RonKms.Custody;

/// <summary>The keys of a store: the fold of its journal and nothing else. Many readers without locks, one writer.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 3.</remarks>
internal sealed class KeyDirectory
{
    private readonly ConcurrentDictionary<Guid, KeyEntry> _keys;
    private readonly ConcurrentDictionary<(string Tenant, string Purpose), Newest> _newestByPurpose = new();
    private readonly List<KeyEntry> _inOrder = [];
    private volatile KeyEntry[]? _snapshot = [];

    /// <summary>A directory without keys.</summary>
    /// <param name="expected">How many there may come to be, so that room is made once.</param>
    internal KeyDirectory(int expected = 0)
    {
        _keys = new ConcurrentDictionary<Guid, KeyEntry>(concurrencyLevel: 1, Math.Max(expected, 31));
    }

    /// <summary>The digest of store.json that the journal names last.</summary>
    internal Digest Store { get; private set; }

    /// <summary>The anchor's kind that the journal names last.</summary>
    internal string Anchor { get; private set; } = "none";

    /// <summary>Why the generation was begun; <see langword="null"/> for the first.</summary>
    internal string? Reason { get; private set; }

    /// <summary>The keys in the order they were made.</summary>
    internal IReadOnlyList<KeyEntry> Keys
    {
        get
        {
            if (_snapshot is { } snapshot)
            {
                return snapshot;
            }

            lock (_inOrder)
            {
                return _snapshot = [.. _inOrder];
            }
        }
    }

    internal int Count => _keys.Count;

    /// <summary>The versions that are destroyed.</summary>
    internal IEnumerable<(Guid Key, uint Version)> Destroyed =>
        from entry in Keys
        from version in entry.Versions.ToArray()
        where version.State == KeyState.Destroyed
        select (version.Id.Uuid, version.Id.Version);

    internal KeyEntry? Find(Guid key) => _keys.TryGetValue(key, out KeyEntry? entry) ? entry : null;

    /// <summary>Whether there is a version that is not destroyed.</summary>
    internal bool IsHeld(Guid key, uint version) => Find(key)?.Find(version) is { State: not KeyState.Destroyed };

    /// <summary>The key of a purpose that was made last; the others follow by <see cref="KeyEntry.OlderOfPurpose"/>.</summary>
    internal KeyEntry? FindNewest(string tenant, string purpose) =>
        _newestByPurpose.TryGetValue((tenant, purpose), out Newest? newest) ? newest.Key : null;

    /// <summary>Whether an event can follow what came before. That its place in the chain is right was checked.</summary>
    internal bool MayApply(CustodyEvent e) => e.Op switch
    {
        CustodyOp.OpenStore or CustodyOp.Rewrap or CustodyOp.Anchor or CustodyOp.Annex => true,
        CustodyOp.Create or CustodyOp.Import => Find(e.Key!.Uuid) is null,
        CustodyOp.Rotate => IsNextVersion(e),
        CustodyOp.State => Find(e.Key!.Uuid) is null || IsNextVersion(e),

        // What is destroyed stays so; destroying it again changes nothing.
        CustodyOp.Disable or CustodyOp.Enable => FindVersion(e) is { } version && version.State != KeyState.Destroyed,
        CustodyOp.Destroy => FindVersion(e) is not null,
        _ => false,
    };

    /// <summary>Takes in one event that <see cref="MayApply"/>.</summary>
    internal void Apply(CustodyEvent e)
    {
        switch (e.Op)
        {
            case CustodyOp.OpenStore:
                Store = e.Store!.Value;
                Anchor = e.Anchor!;
                Reason = e.Reason;
                break;
            case CustodyOp.Rewrap:
                Store = e.Store!.Value;
                break;
            case CustodyOp.Anchor:
                Anchor = e.Anchor!;
                break;
            case CustodyOp.Create or CustodyOp.Import:
                AddKey(Describe(e));
                break;
            case CustodyOp.Rotate or CustodyOp.State:
                Add(Describe(e));
                break;
            case CustodyOp.Disable:
                FindVersion(e)!.Apply(KeyState.Disabled, e.Seq);
                break;
            case CustodyOp.Enable:
                FindVersion(e)!.Apply(KeyState.Enabled, e.Seq);
                break;
            case CustodyOp.Destroy:
                FindVersion(e)!.Apply(KeyState.Destroyed, e.Seq);
                break;
        }
    }

    /// <summary>Whether every version of another directory is in this one, and is the same; destroyed where it is there.</summary>
    internal bool HoldsAll(KeyDirectory other) => other.Keys.All(entry =>
        Find(entry.Id.Uuid) is { } mine
        && mine.Id.IsSameKey(entry.Id)
        && entry.Versions.ToArray().All(version =>
            mine.Find(version.Id.Version) is { } same
            && same.PublicKeyDigest == version.PublicKeyDigest
            && (version.State != KeyState.Destroyed || same.State == KeyState.Destroyed)));

    /// <summary>Takes over what a directory of the same versions and perhaps more, folded from a later generation's journal, says of them.</summary>
    internal void MoveTo(KeyDirectory next)
    {
        Store = next.Store;
        Anchor = next.Anchor;
        Reason = next.Reason;
        foreach (KeyEntry entry in next.Keys)
        {
            foreach (KeyVersion version in entry.Versions)
            {
                if (Find(entry.Id.Uuid)?.Find(version.Id.Version) is { } known)
                {
                    known.MoveTo(version);
                }
                else
                {
                    Add(version);
                }
            }
        }
    }

    private KeyEntry? FindSame(CustodyEvent e) => Find(e.Key!.Uuid) is { } entry && entry.Id.IsSameKey(e.Key) ? entry : null;

    private KeyVersion? FindVersion(CustodyEvent e) => FindSame(e)?.Find(e.Key!.Version);

    private bool IsNextVersion(CustodyEvent e) => FindSame(e) is { } entry && e.Key!.Version > entry.Latest.Id.Version;

    private void Add(KeyVersion version)
    {
        if (Find(version.Id.Uuid) is { } known)
        {
            known.Add(version);
            return;
        }

        AddKey(version);
    }

    private void AddKey(KeyVersion version)
    {
        Newest newest = _newestByPurpose.GetOrAdd((version.Id.Tenant, version.Id.Purpose), static _ => new Newest());
        KeyEntry entry = new(version, newest.Key);

        // Before it is named anywhere: a key that is listed, or the current one of its purpose, can be used; and one that is listed is the current one.
        _keys[entry.Id.Uuid] = entry;
        newest.Key = entry;
        lock (_inOrder)
        {
            _inOrder.Add(entry);
            _snapshot = null;
        }
    }

    private KeyVersion Describe(CustodyEvent e) => new(e, e.Op == CustodyOp.State && GenerationReason.Leaps(Reason) ? GenerationReason.Leap : 1);

    /// <summary>The key of a purpose that was made last.</summary>
    private sealed class Newest
    {
        private volatile KeyEntry? _key;

        internal KeyEntry? Key
        {
            get => _key;
            set => _key = value;
        }
    }
}

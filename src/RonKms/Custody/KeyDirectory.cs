using System.Collections.Concurrent;

namespace RonKms.Custody;

/// <summary>The keys of a store: the fold of its journal and nothing else. Many readers without locks, one writer.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 3.</remarks>
internal sealed class KeyDirectory
{
    private readonly ConcurrentDictionary<Guid, KeyEntry> _keys = new();
    private readonly ConcurrentDictionary<(string Tenant, string Purpose), KeyEntry> _newestByPurpose = new();
    private readonly List<KeyEntry> _inOrder = [];
    private volatile KeyEntry[]? _snapshot = [];

    /// <summary>The digest of store.json that the journal names last.</summary>
    internal Digest Store { get; private set; }

    /// <summary>The anchor's kind that the journal names last.</summary>
    internal string Anchor { get; private set; } = "none";

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

    internal KeyEntry? Find(Guid key) => _keys.GetValueOrDefault(key);

    /// <summary>The key of a purpose that was made last; the others follow by <see cref="KeyEntry.OlderOfPurpose"/>.</summary>
    internal KeyEntry? FindNewest(string tenant, string purpose) => _newestByPurpose.GetValueOrDefault((tenant, purpose));

    /// <summary>Takes in one event, whose place in the chain was checked.</summary>
    /// <returns><see langword="false"/> where the event cannot follow what came before; then nothing was changed.</returns>
    internal bool TryApply(CustodyEvent e)
    {
        switch (e.Op)
        {
            case CustodyOp.OpenStore:
                Store = e.Store!.Value;
                Anchor = e.Anchor!;
                return true;
            case CustodyOp.Rewrap:
                Store = e.Store!.Value;
                return true;
            case CustodyOp.Anchor:
                Anchor = e.Anchor!;
                return true;
            case CustodyOp.Annex:
                return true;
            case CustodyOp.Create or CustodyOp.Import:
                return _keys.GetValueOrDefault(e.Key!.Uuid) is null && AddKey(e);
            case CustodyOp.Rotate:
                return FindSame(e) is { } rotated && AddVersion(rotated, e);
            case CustodyOp.State:
                return _keys.GetValueOrDefault(e.Key!.Uuid) is null ? AddKey(e) : FindSame(e) is { } known && AddVersion(known, e);
            case CustodyOp.Disable:
                return ChangeState(e, KeyState.Disabled);
            case CustodyOp.Enable:
                return ChangeState(e, KeyState.Enabled);
            case CustodyOp.Destroy:
                return ChangeState(e, KeyState.Destroyed);
            default:
                return false;
        }
    }

    private KeyEntry? FindSame(CustodyEvent e) =>
        _keys.GetValueOrDefault(e.Key!.Uuid) is { } entry && entry.Id.IsSameKey(e.Key) ? entry : null;

    private bool AddKey(CustodyEvent e)
    {
        (string, string) purpose = (e.Key!.Tenant, e.Key.Purpose);
        KeyEntry entry = new(new KeyVersion(e), _newestByPurpose.GetValueOrDefault(purpose));
        lock (_inOrder)
        {
            _inOrder.Add(entry);
            _snapshot = null;
        }

        _keys[entry.Id.Uuid] = entry;
        _newestByPurpose[purpose] = entry;
        return true;
    }

    private static bool AddVersion(KeyEntry entry, CustodyEvent e)
    {
        if (e.Key!.Version <= entry.Latest.Id.Version)
        {
            return false;
        }

        entry.Add(new KeyVersion(e));
        return true;
    }

    private bool ChangeState(CustodyEvent e, KeyState state)
    {
        // What is destroyed stays so; destroying it again changes nothing.
        if (FindSame(e)?.Find(e.Key!.Version) is not { } version || (version.State == KeyState.Destroyed && state != KeyState.Destroyed))
        {
            return false;
        }

        version.Apply(state, e.Seq);
        return true;
    }
}

namespace RonKms.Memory;

/// <summary>One allocation of guarded memory: a slab, or a block too large for any.</summary>
internal sealed class GuardedRegion
{
    private volatile bool _isLocked;

    internal GuardedRegion(nint start, int size, bool isLocked)
    {
        Start = start;
        Size = size;
        _isLocked = isLocked;
    }

    /// <summary>Where it begins.</summary>
    internal nint Start { get; }

    /// <summary>How many bytes there are.</summary>
    internal int Size { get; }

    /// <summary>Whether the system locked it. What was refused may be locked later; what is locked stays so.</summary>
    internal bool IsLocked => _isLocked;

    /// <summary>Notes that it is locked now.</summary>
    internal void MarkLocked() => _isLocked = true;
}

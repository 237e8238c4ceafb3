namespace RonKms.Custody;

/// <summary>What a stretch of journal bytes is, taken by itself.</summary>
internal enum JournalLineStatus
{
    /// <summary>Not a line of this store: its MAC is wrong, or it has none.</summary>
    Invalid,

    /// <summary>A line that a holder of the store's key wrote, and that is not as the format says. No crash makes one.</summary>
    Malformed,

    /// <summary>A line of this store.</summary>
    Valid,

    /// <summary>A line of this store, from a newer version of the format: it holds something unknown, which could be a revocation.</summary>
    Newer,
}

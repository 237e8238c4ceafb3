namespace RonKms.Custody;

/// <summary>What a stretch of journal bytes is, taken by itself.</summary>
internal enum JournalLineStatus
{
    /// <summary>Not a line of this store: malformed, not canonical, or its MAC is wrong.</summary>
    Invalid,

    /// <summary>A line of this store.</summary>
    Valid,

    /// <summary>A line of this store, from a newer version of the format: it holds something unknown, which could be a revocation.</summary>
    Newer,
}

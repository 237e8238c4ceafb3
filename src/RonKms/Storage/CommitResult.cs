namespace RonKms.Storage;

/// <summary>How a commit ended.</summary>
public enum CommitResult
{
    /// <summary>Everything is durable.</summary>
    Committed,

    /// <summary>The journal's head is no longer the expected one. Nothing was changed.</summary>
    Conflict,
}

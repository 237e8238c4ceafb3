namespace RonKms.Sealing;

/// <summary>What an entry of a backup holds.</summary>
/// <remarks>Source: docs/formats/ronk-backup-v1.md.</remarks>
internal enum BackupEntry : byte
{
    /// <summary>The MAC over all that comes before it; nothing follows.</summary>
    End = 0,

    /// <summary>store.json.</summary>
    Description = 1,

    /// <summary>A sealed record.</summary>
    Record = 2,

    /// <summary>What is left of a destroyed version.</summary>
    Remains = 3,

    /// <summary>A stretch of the journal.</summary>
    Journal = 4,
}

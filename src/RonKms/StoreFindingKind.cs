namespace RonKms;

/// <summary>What the check of a store came upon. The names stay; the set grows with new versions, so a <c>switch</c> needs a default branch.</summary>
public enum StoreFindingKind
{
    /// <summary>Something could not be read: an I/O failure, a symbolic link, no regular file.</summary>
    Unreadable = 0,

    /// <summary>store.json is missing, damaged, or not what a holder of the store's key wrote.</summary>
    DescriptionDamaged,

    /// <summary>The key-encryption key given does not open the store; the rest was checked without one.</summary>
    WrongKek,

    /// <summary>Something is written in a newer version of the format.</summary>
    NewerFormat,

    /// <summary>The live generation's journal is missing, or its chain breaks.</summary>
    JournalDamaged,

    /// <summary>The journal ends with the rest of a write that was cut short, as a crash leaves it. Who cuts a journal within a line leaves the same.</summary>
    TornEnd,

    /// <summary>Parts of the store are of different days, or it is not the one that its rollback anchor knows.</summary>
    Rollback,

    /// <summary>A key version's sealed record is missing, damaged, or another one's.</summary>
    RecordDamaged,

    /// <summary>What is left of a destroyed version is missing, damaged, or another one's: signatures made with it cannot be verified here.</summary>
    RemainsDamaged,

    /// <summary>A destroyed version's record is still there.</summary>
    RecordNotErased,

    /// <summary>A record, or what is left of one, that no journal line names.</summary>
    Orphan,

    /// <summary>The journal of an earlier generation is missing, or does not lead to where the next one goes on.</summary>
    ArchiveDamaged,

    /// <summary>A file or directory is open to others, or belongs to somebody else.</summary>
    PermissionsTooWide,

    /// <summary>What an interrupted change left, or an opening moved aside.</summary>
    Leftover,

    /// <summary>Something that is no part of a store.</summary>
    ForeignFile,

    /// <summary>Something could not be judged with what was given: an anchor, an algorithm's implementation.</summary>
    NotChecked,

    /// <summary>Somebody has the store open, or changed it meanwhile: what was found may be half of a change.</summary>
    InMotion,
}

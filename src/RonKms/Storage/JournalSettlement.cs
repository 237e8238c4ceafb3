namespace RonKms.Storage;

/// <summary>What a check of the whole store found, for <see cref="ISealedStore.Settle"/>.</summary>
/// <param name="HeadSeq">The sequence number of the last good line.</param>
/// <param name="ValidLength">How many bytes of the journal are good, the last line's LF counted even where it is still missing. What lies
/// behind is torn and is moved aside.</param>
/// <param name="LastGroupOffset">Where the lines begin that were written together with the last one; they are rewritten in place.</param>
/// <param name="Orphans">Records that no line names; they are moved aside.</param>
/// <param name="Removals">Destroyed versions whose records are still there; they go.</param>
public sealed record JournalSettlement(
    long HeadSeq,
    long ValidLength,
    long LastGroupOffset,
    IReadOnlyList<(Guid Key, uint Version)> Orphans,
    IReadOnlyList<RecordRemoval> Removals)
{
    /// <summary>Whether the records of generations before the live one, which a change cut short left behind, are moved aside as they are
    /// instead of being erased.</summary>
    public bool KeepsEarlierRecords { get; init; }

    /// <summary>The destroyed versions, whose records in generations before the live one go in any case; others that the live one has nothing of
    /// are moved aside.</summary>
    public IEnumerable<(Guid Key, uint Version)> Destroyed { get; init; } = [];
}

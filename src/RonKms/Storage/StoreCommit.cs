namespace RonKms.Storage;

/// <summary>Records, lines and removals that are written together.</summary>
/// <param name="ExpectedHeadSeq">The sequence number of the journal's last line as the writer knows it.</param>
/// <param name="Records">New sealed records.</param>
/// <param name="Lines">The new journal lines in order, each with its final LF; their sequence numbers follow the expected head's.</param>
/// <param name="Removals">Versions whose records go, once the lines are durable.</param>
public sealed record StoreCommit(
    long ExpectedHeadSeq,
    IReadOnlyList<SealedRecord> Records,
    IReadOnlyList<ReadOnlyMemory<byte>> Lines,
    IReadOnlyList<RecordRemoval> Removals);

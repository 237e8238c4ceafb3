namespace RonKms.Storage;

/// <summary>A stretch of the journal to its end.</summary>
/// <param name="AfterSeq">The sequence number of the line before the stretch; 0 where it begins with the first line.</param>
/// <param name="Bytes">The raw bytes, unchecked: the last line may lack its LF, and after a crash there may be torn bytes.</param>
public readonly record struct JournalTail(long AfterSeq, ReadOnlyMemory<byte> Bytes);

namespace RonKms.Custody;

/// <summary>Where a journal stands: what the next line must follow. Immutable.</summary>
/// <param name="Seq">The last line's sequence number; 0 before the first line.</param>
/// <param name="Digest">The last line's digest.</param>
/// <param name="TimeMs">The last line's time.</param>
/// <param name="Base">The last line's base.</param>
internal sealed record JournalHead(long Seq, Digest Digest, long TimeMs, long Base);

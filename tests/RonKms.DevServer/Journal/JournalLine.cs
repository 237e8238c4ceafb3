namespace RonKms.DevServer.Journal;

/// <summary>A line of the journal.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Sha256">Its SHA-256, in hex: what <c>prev</c> of the next line must be.</param>
/// <param name="Line">Its text, without the LF. Left out where it is about another tenant's key.</param>
internal sealed record JournalLine(long Seq, string Sha256, string? Line = null);

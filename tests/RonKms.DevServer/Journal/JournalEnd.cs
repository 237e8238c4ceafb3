namespace RonKms.DevServer.Journal;

/// <summary>The journal's last line.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Sha256">Its SHA-256, in hex.</param>
internal sealed record JournalEnd(long Seq, string Sha256);

namespace RonKms.DevServer.Journal;

/// <summary>Lines of the custody journal, and where it ends.</summary>
/// <param name="Lines">The lines, in order.</param>
/// <param name="Head">The last line of all.</param>
/// <param name="Next">What to ask for next, as <c>after</c>; nothing after the last line.</param>
internal sealed record JournalPage(IReadOnlyList<JournalLine> Lines, JournalEnd Head, long? Next = null);

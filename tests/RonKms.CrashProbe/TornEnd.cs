using System.Text.Json;

namespace RonKms.CrashProbe;

/// <summary>Makes of a journal's unacknowledged end what a power cut could: any part of it was written, the rest is missing or zeros.</summary>
internal static class TornEnd
{
    /// <returns>Whether the journal was changed.</returns>
    internal static bool Make(TestStore store, IReadOnlyCollection<Intent> unanswered, Random random)
    {
        var journal = Journal.OfLive(store.Directory);
        if (journal.WholeLength != journal.Bytes.Length || journal.Lines.Count < 2) return false;

        IReadOnlyList<JsonElement> group = journal.LastGroup();
        int length = journal.Lines.TakeLast(group.Count).Sum(line => line.Length + 1);
        int start = journal.WholeLength - length;
        int kept;
        if (group.All(line => IsUndone(store, line, unanswered)))
        {
            kept = random.Next(length);
            journal.ReplaceEnd(start + kept, random.Next(2) == 0 ? [] : new byte[length - kept]);
            return true;
        }

        // All of it counts, so that what is torn is the write after it.
        kept = random.Next(1, journal.Lines[^1].Length);
        journal.ReplaceEnd(journal.WholeLength, [.. journal.Lines[^1][..kept].Span, .. new byte[random.Next(2) * random.Next(600)]]);
        return true;
    }

    /// <summary>Whether a line is of a call that was not answered, and of which nothing was done yet that needs the line to be durable.</summary>
    /// <remarks>Calls that share a write are answered one after another: some of them may have been, and then all of it counts.</remarks>
    private static bool IsUndone(TestStore store, JsonElement line, IReadOnlyCollection<Intent> unanswered)
    {
        if (line.GetProperty("seq").GetInt64() <= AnchorFile.SeqOf(store) || !unanswered.Any(intent => intent.Writes(line))) return false;

        switch (line.GetProperty("op").GetString())
        {
            case "open_store" or "state":
                return false;
            case "rewrap":
                return File.Exists(StoreFiles.NextDescription(store.Directory));
            case "destroy":
                KeyId key = KeyId.Parse(line.GetProperty("kid").GetString()!);
                return !Directory.EnumerateFiles(StoreFiles.DirectoryOf(store.Directory, key), $"{key.Uuid:D}.v*.pub*").Any();
            default:
                return true;
        }
    }
}

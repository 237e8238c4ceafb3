using System.Text.Json;

namespace RonKms.CrashProbe;

/// <summary>Makes of a journal's unacknowledged end what a power cut could: any part of it was written, the rest is missing or zeros.</summary>
internal static class TornEnd
{
    /// <returns>Whether the journal was changed.</returns>
    internal static bool Make(string directory, IReadOnlyCollection<Intent> unanswered, Random random)
    {
        var journal = new Journal(directory);
        if (journal.WholeLength != journal.Bytes.Length || journal.Lines.Count < 2) return false;

        IReadOnlyList<JsonElement> group = journal.LastGroup();
        int length = journal.Lines.TakeLast(group.Count).Sum(line => line.Length + 1);
        int start = journal.WholeLength - length;
        int kept;
        if (group.All(line => IsUndone(directory, line, unanswered)))
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
    private static bool IsUndone(string directory, JsonElement line, IReadOnlyCollection<Intent> unanswered)
    {
        string op = line.GetProperty("op").GetString()!;
        if (op == "open_store") return false;

        KeyId key = KeyId.Parse(line.GetProperty("kid").GetString()!);
        return unanswered.Any(intent => intent.Op switch
        {
            "create" or "import" => op == intent.Op && line.GetProperty("labels").GetProperty(TestStore.Label).GetString() == intent.Subject,
            "rotate" => op == "rotate" && KeyId.Parse(intent.Subject) is { } from && from.Uuid == key.Uuid && from.Version + 1 == key.Version,
            "destroy-all" => op == "destroy" && KeyId.Parse(intent.Subject).Uuid == key.Uuid,
            _ => op == intent.Op && KeyId.Parse(intent.Subject) == key,
        }) && (op != "destroy" || !Directory.EnumerateFiles(StoreFiles.DirectoryOf(directory, key), $"{key.Uuid:D}.v*.pub*").Any());
    }
}

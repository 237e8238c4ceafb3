using System.Text.Json;

namespace RonKms.CrashProbe;

/// <summary>What an anchor knows of a store after a kill and before anything is opened, read without the library.</summary>
internal static class AnchorFile
{
    /// <returns>What is wrong: with the anchor, and with what was acknowledged; <see langword="null"/> for nothing.</returns>
    internal static (string? Broken, string? Lost) FindFault(TestStore store, IReadOnlyCollection<Intent> unanswered)
    {
        var journal = Journal.OfLive(store.Directory);
        string path = Path.Combine(store.Anchor, StoreFiles.StoreId(store.Directory) + ".json");
        if (!File.Exists(path)) return ($"{path} is missing", null);

        (long Seq, string Hash) known = Read(path);
        if (known.Seq > journal.Head.Seq) return ($"the anchor is at line {known.Seq}, the journal at {journal.Head.Seq}", null);
        if (known.Seq < journal.Origin.Seq) return (null, $"the anchor is at line {known.Seq}, and the generation goes on from line {journal.Origin.Seq}");

        int held = (int)(known.Seq - journal.Origin.Seq);
        string there = held == 0 ? journal.Origin.Hash : Journal.HashOf(journal.Lines[held - 1]);
        if (known.Hash != there) return ($"the anchor knows another line {known.Seq} than the journal", null);

        // What comes after was not answered.
        foreach (ReadOnlyMemory<byte> bytes in journal.Lines.Skip(held))
        {
            JsonElement line = JsonElement.Parse(bytes.Span);
            if (!unanswered.Any(intent => intent.Writes(line))) return (null, $"the anchor is at line {known.Seq}, and this was acknowledged: {line}");
        }

        return (null, null);
    }

    /// <summary>Whether the anchor is at the journal's head, as it is once a store was opened.</summary>
    internal static bool IsAtHead(TestStore store) =>
        Read(Path.Combine(store.Anchor, StoreFiles.StoreId(store.Directory) + ".json")) == Journal.OfLive(store.Directory).Head;

    /// <summary>The line that the anchor is at; 0 where a store has none.</summary>
    internal static long SeqOf(TestStore store) =>
        store.IsAnchored ? Read(Path.Combine(store.Anchor, StoreFiles.StoreId(store.Directory) + ".json")).Seq : 0;

    private static (long Seq, string Hash) Read(string path)
    {
        JsonElement json = JsonElement.Parse(File.ReadAllBytes(path));
        return (json.GetProperty("seq").GetInt64(), json.GetProperty("head").GetString()!);
    }
}

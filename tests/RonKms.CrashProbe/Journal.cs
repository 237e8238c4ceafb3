using System.Security.Cryptography;
using System.Text.Json;

namespace RonKms.CrashProbe;

/// <summary>One generation's journal, read without the library.</summary>
internal sealed class Journal
{
    private readonly string _path;

    internal Journal(string path)
    {
        _path = path;
        Bytes = File.ReadAllBytes(_path);
        int start = 0;
        for (int end; (end = Array.IndexOf(Bytes, (byte)'\n', start)) >= 0; start = end + 1) Lines.Add(Bytes.AsMemory(start, end - start));
        WholeLength = start;
    }

    internal byte[] Bytes { get; }

    /// <summary>Without their newlines.</summary>
    internal List<ReadOnlyMemory<byte>> Lines { get; } = [];

    /// <summary>How many bytes the lines have with their newlines; what follows is torn.</summary>
    internal int WholeLength { get; }

    internal long FirstSeq => SeqOf(Lines[0]);

    /// <summary>The last line's number and hash.</summary>
    internal (long Seq, string Hash) Head => (SeqOf(Lines[^1]), HashOf(Lines[^1]));

    /// <summary>Where it goes on from: the number and the hash before its first line.</summary>
    internal (long Seq, string Hash) Origin => (FirstSeq - 1, JsonElement.Parse(Lines[0].Span).GetProperty("prev").GetString()!);

    /// <summary>The live generation's.</summary>
    internal static Journal OfLive(string directory) => new(StoreFiles.Journal(directory, StoreFiles.LiveGeneration(directory)));

    /// <summary>Follows the chain from the first generation's first line to the live one's last.</summary>
    /// <returns>What is wrong, or <see langword="null"/>.</returns>
    internal static string? FindBreak(string directory)
    {
        long live = StoreFiles.LiveGeneration(directory);
        Journal? before = null;
        for (long generation = 1; generation <= live; generation++)
        {
            string path = generation < live ? StoreFiles.ArchivedJournal(directory, generation) : StoreFiles.Journal(directory, generation);
            if (!File.Exists(path)) return $"{path} is missing";

            var journal = new Journal(path);
            if (journal.FindBreak(before, generation - 1) is { } wrong) return $"{path}: {wrong}";
            before = journal;
        }

        return null;
    }

    /// <summary>The lines that were written last, in one piece.</summary>
    internal IReadOnlyList<JsonElement> LastGroup()
    {
        var group = new List<JsonElement>();
        for (int i = Lines.Count - 1; i >= 0; i--)
        {
            JsonElement line = JsonElement.Parse(Lines[i].Span);
            if (group.Count > 0 && line.GetProperty("base").GetInt64() != group[0].GetProperty("base").GetInt64()) break;
            group.Insert(0, line);
        }

        return group;
    }

    /// <summary>Puts another end in place of what comes after a length.</summary>
    internal void ReplaceEnd(int length, ReadOnlySpan<byte> end)
    {
        using FileStream file = new(_path, FileMode.Open, FileAccess.Write);
        file.SetLength(length);
        file.Position = length;
        file.Write(end);
    }

    internal static string HashOf(ReadOnlyMemory<byte> line) => Convert.ToHexStringLower(SHA256.HashData(line.Span));

    private static long SeqOf(ReadOnlyMemory<byte> line) => JsonElement.Parse(line.Span).GetProperty("seq").GetInt64();

    private string? FindBreak(Journal? before, long generationBefore)
    {
        if (WholeLength != Bytes.Length) return "bytes after the last line";

        (long seq, string hash) = before?.Head ?? (0, new string('0', 64));
        JsonElement first = JsonElement.Parse(Lines[0].Span);
        if (first.TryGetProperty("from", out JsonElement from) != before is not null) return "it goes on from another generation than the one before";
        if (before is not null
            && (from.GetProperty("gen").GetInt64(), from.GetProperty("seq").GetInt64(), from.GetProperty("head").GetString()) != (generationBefore, seq, hash))
        {
            return "its 'from' is not where the generation before ends";
        }

        foreach (ReadOnlyMemory<byte> bytes in Lines)
        {
            JsonElement line = JsonElement.Parse(bytes.Span);
            if (line.GetProperty("seq").GetInt64() != ++seq) return $"line {seq} has another number";
            if (line.GetProperty("prev").GetString() != hash) return $"line {seq} does not follow the one before";
            hash = HashOf(bytes);
        }

        return null;
    }
}

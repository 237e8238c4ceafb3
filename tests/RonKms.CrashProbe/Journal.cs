using System.Security.Cryptography;
using System.Text.Json;

namespace RonKms.CrashProbe;

/// <summary>The journal's file, read without the library.</summary>
internal sealed class Journal
{
    private readonly string _path;

    internal Journal(string directory)
    {
        _path = Path.Combine(directory, "g1", "journal.jsonl");
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

    /// <summary>Counts the sequence numbers and follows the hashes.</summary>
    /// <returns>What is wrong, or <see langword="null"/>.</returns>
    internal string? FindBreak()
    {
        if (WholeLength != Bytes.Length) return "bytes after the last line";

        string previous = new('0', 64);
        for (int i = 0; i < Lines.Count; i++)
        {
            using JsonDocument line = JsonDocument.Parse(Lines[i]);
            if (line.RootElement.GetProperty("seq").GetInt64() != i + 1) return $"line {i + 1} has another number";
            if (line.RootElement.GetProperty("prev").GetString() != previous) return $"line {i + 1} does not follow the one before";
            previous = Convert.ToHexStringLower(SHA256.HashData(Lines[i].Span));
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
}

namespace RonKms.Tests.Storage;

/// <summary>A file or a directory: what is durable of it, and what came since.</summary>
internal sealed class DiskNode
{
    private readonly List<(string Name, DiskNode? Node)[]> _changes = [];
    private Dictionary<string, DiskNode> _durable = [];

    // A file's content: the durable one, and that after each write since.
    private readonly List<byte[]> _versions = [[]];

    private DiskNode(bool isDirectory) => IsDirectory = isDirectory;

    internal bool IsDirectory { get; }

    /// <summary>A directory's entries as the running system sees them.</summary>
    internal Dictionary<string, DiskNode> Live { get; } = [];

    internal static DiskNode File() => new(isDirectory: false);

    internal static DiskNode Directory() => new(isDirectory: true);

    internal void Write(ReadOnlySpan<byte> bytes, int offset)
    {
        byte[] content = new byte[Math.Max(_versions[^1].Length, offset + bytes.Length)];
        _versions[^1].CopyTo(content, 0);
        bytes.CopyTo(content.AsSpan(offset));
        _versions.Add(content);
    }

    internal void SetLength(int length)
    {
        byte[] content = new byte[length];
        _versions[^1].AsSpan(0, Math.Min(length, _versions[^1].Length)).CopyTo(content);
        _versions.Add(content);
    }

    internal void SyncContent() => _versions.RemoveRange(0, _versions.Count - 1);

    internal void SyncEntries()
    {
        _durable = new Dictionary<string, DiskNode>(Live);
        _changes.Clear();
    }

    /// <summary>Changes entries, all of them at once.</summary>
    internal void Change(params (string Name, DiskNode? Node)[] change)
    {
        _changes.Add(change);
        Apply(Live, change);
    }

    /// <summary>The entries of which some changes were written; <see langword="null"/> for none of them.</summary>
    internal Dictionary<string, DiskNode> EntriesAfterCut(Random? choices)
    {
        Dictionary<string, DiskNode> entries = new(_durable);
        int way = choices?.Next(4) ?? 0;
        int first = way == 1 ? choices!.Next(_changes.Count + 1) : 0;
        for (int i = 0; i < _changes.Count; i++)
        {
            bool isWritten = way switch
            {
                0 => false,
                1 => i < first,
                2 => true,
                _ => choices!.Next(2) == 0,
            };
            if (isWritten) Apply(entries, _changes[i]);
        }

        return entries;
    }

    /// <summary>The content of which some sectors were written; <see langword="null"/> for none of them.</summary>
    internal byte[] ContentAfterCut(Random? choices, int sectorLength)
    {
        if (choices is null || _versions.Count == 1) return _versions[0];

        int shortest = _versions.Min(version => version.Length);
        int longest = _versions.Max(version => version.Length);
        int length = choices.Next(3) == 0 ? choices.Next(shortest, longest + 1) : _versions[choices.Next(_versions.Count)].Length;
        byte[] content = new byte[length];
        for (int sector = 0; sector < length; sector += sectorLength)
        {
            byte[] version = _versions[choices.Next(_versions.Count)];
            int end = Math.Min(Math.Min(sector + sectorLength, length), version.Length);
            if (end > sector) version.AsSpan(sector..end).CopyTo(content.AsSpan(sector));
        }

        return content;
    }

    private static void Apply(Dictionary<string, DiskNode> entries, (string Name, DiskNode? Node)[] change)
    {
        foreach ((string name, DiskNode? node) in change)
        {
            entries.Remove(name);
            if (node is not null) entries.Add(name, node);
        }
    }
}

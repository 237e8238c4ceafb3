namespace RonKms.Storage;

/// <summary>The directory <c>lost/</c>: what an open moves aside and nothing reads again.</summary>
internal sealed class LostFiles(FileOperations files, string directory)
{
    /// <summary>Keeps bytes, durably.</summary>
    internal void Keep(string name, ReadOnlySpan<byte> bytes)
    {
        files.RequireDirectory(directory);
        string temporary = FreePath(name + DurableFiles.TemporarySuffix);
        files.WriteNew(temporary, bytes);
        files.Rename(temporary, FreePath(name));
        files.SyncDirectory(directory);
    }

    /// <summary>Moves files or directories here, durably.</summary>
    /// <param name="prefix">What their names get in front, to tell where they come from.</param>
    /// <param name="paths">What to move.</param>
    internal void Take(string prefix, IReadOnlyList<string> paths)
    {
        if (paths.Count == 0) return;

        files.RequireDirectory(directory);
        foreach (string path in paths) files.Rename(path, FreePath(prefix + Path.GetFileName(path)));

        // The new names first: a file must not be without a name at any moment.
        files.SyncDirectory(directory);
        foreach (string origin in paths.Select(path => Path.GetDirectoryName(path)!).Distinct()) files.SyncDirectory(origin);
    }

    private string FreePath(string name)
    {
        string wanted = Path.Combine(directory, name);
        string free = wanted;
        for (int n = 1; files.Exists(free); n++) free = $"{wanted}.{n}";
        return free;
    }
}

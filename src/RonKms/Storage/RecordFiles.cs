using System.Collections.Concurrent;

namespace RonKms.Storage;

/// <summary>The directory <c>keys/</c> of one generation: a file a key version.</summary>
internal sealed class RecordFiles(FileOperations files, string root)
{
    private readonly ConcurrentDictionary<string, bool> _checkedDirectories = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(Guid Key, uint Version), bool> _beingErased = new();
    private IReadOnlyList<string>? _strays;

    internal string PathOf(RecordName name) => Path.Combine(root, name.Directory, name.ToString());

    /// <summary>Reads one file.</summary>
    /// <returns>Its bytes, or <see langword="null"/> where there is none.</returns>
    internal byte[]? Read(RecordName name)
    {
        if (!HasDirectory(name.Directory)) return null;

        string path = PathOf(name);
        byte[]? bytes = files.ReadWhole(path, StoreLimits.RecordLength);
        if (bytes is null || name.Extension != RecordName.Record) return bytes;

        // It may have been overwritten while it was read; then the erasure is still under way, or the file is gone.
        return _beingErased.ContainsKey((name.Key, name.Version)) || !files.Exists(path) ? null : bytes;
    }

    /// <summary>Makes new records durable: each whole under a temporary name, then the names.</summary>
    internal void Write(IReadOnlyList<SealedRecord> records)
    {
        string[] paths = new string[records.Count];
        for (int i = 0; i < paths.Length; i++)
        {
            var name = new RecordName(records[i].Key, records[i].Version, RecordName.Record);
            RequireDirectory(name.Directory);
            paths[i] = PathOf(name);
            if (files.Exists(paths[i]))
            {
                throw new KmsException(
                    KmsError.StoreFailed,
                    $"{paths[i]} is there already, though its key version is only being made. See that nothing else writes there, then reopen the store.");
            }
        }

        bool[] written = new bool[paths.Length];
        try
        {
            files.Together(paths.Length, i =>
            {
                files.WriteNew(paths[i] + DurableFiles.TemporarySuffix, records[i].Bytes.Span);
                written[i] = true;
            });
        }
        catch
        {
            foreach ((string path, bool isWritten) in paths.Zip(written))
            {
                if (isWritten) files.Discard(path + DurableFiles.TemporarySuffix);
            }

            throw;
        }

        foreach (string path in paths) files.Rename(path + DurableFiles.TemporarySuffix, path);
        SyncDirectoriesOf(paths);
    }

    /// <summary>Adds a file to a generation that does not count yet: its content is durable, its name only after <see cref="SyncDirectories"/>.</summary>
    internal void Add(RecordName name, ReadOnlySpan<byte> bytes)
    {
        RequireDirectory(name.Directory);
        files.WriteNew(PathOf(name), bytes);
    }

    /// <summary>Makes the names of all files durable that were added.</summary>
    internal void SyncDirectories()
    {
        string[] names = [.. _checkedDirectories.Keys];
        files.Together(names.Length, i => files.SyncDirectory(Path.Combine(root, names[i])));
    }

    /// <summary>Leaves the header of each version and erases its record. May be done again after it was cut short.</summary>
    internal void Remove(IReadOnlyList<RecordRemoval> removals)
    {
        var paths = new List<string>(removals.Count);
        foreach (RecordRemoval removal in removals)
        {
            var record = new RecordName(removal.Key, removal.Version, RecordName.Record);
            if (!removal.Remains.IsEmpty)
            {
                RequireDirectory(record.Directory);
                files.Replace(PathOf(record with { Extension = RecordName.Remains }), removal.Remains.Span);
            }
            else if (!HasDirectory(record.Directory))
            {
                continue;
            }

            _beingErased[(removal.Key, removal.Version)] = true;
            files.Erase(PathOf(record));
            _beingErased.TryRemove((removal.Key, removal.Version), out _);
            paths.Add(PathOf(record));
        }

        SyncDirectoriesOf(paths);
    }

    /// <summary>The versions that have a record.</summary>
    internal IReadOnlyList<(Guid Key, uint Version)> List()
    {
        var found = new List<(Guid, uint)>();
        List<string> strays = [.. OutsideDirectories()];
        foreach ((string directory, string file) in Entries())
        {
            if (!RecordName.TryParse(directory, file, out RecordName name)) strays.Add(Path.Combine(root, directory, file));
            else if (name.Extension == RecordName.Record) found.Add((name.Key, name.Version));
        }

        _strays = strays;
        return found;
    }

    /// <summary>The records and what is left of some.</summary>
    internal IEnumerable<RecordName> All()
    {
        foreach ((string directory, string file) in Entries())
        {
            if (RecordName.TryParse(directory, file, out RecordName name)) yield return name;
        }
    }

    /// <summary>The paths of what does not belong here: leftovers of a crash, foreign files. Settling, which follows a listing, asks for what that saw.</summary>
    internal IReadOnlyList<string> TakeStrays()
    {
        IReadOnlyList<string> strays = _strays ?? Strays();
        _strays = null;
        return strays;
    }

    /// <summary>The paths of what does not belong here, as they are now.</summary>
    internal IReadOnlyList<string> Strays()
    {
        _ = List();
        return _strays!;
    }

    private IEnumerable<string> OutsideDirectories() =>
        Names(root).Where(name => !RecordName.IsDirectory(name)).Select(name => Path.Combine(root, name));

    private IEnumerable<(string Directory, string File)> Entries() =>
        from directory in Names(root)
        where RecordName.IsDirectory(directory) && HasDirectory(directory)
        from file in files.List(Path.Combine(root, directory))
        select (directory, file);

    private IReadOnlyList<string> Names(string directory) => files.FindDirectory(directory) ? files.List(directory) : [];

    private void SyncDirectoriesOf(IEnumerable<string> paths)
    {
        string[] directories = [.. paths.Select(path => Path.GetDirectoryName(path)!).Distinct()];
        files.Together(directories.Length, i => files.SyncDirectory(directories[i]));
    }

    // Nobody else can change what lies in a private directory: checked once, it stays as it was found.
    private bool HasDirectory(string name)
    {
        if (_checkedDirectories.ContainsKey(name)) return true;
        if (!files.FindDirectory(Path.Combine(root, name))) return false;

        _checkedDirectories[name] = true;
        return true;
    }

    private void RequireDirectory(string name)
    {
        if (HasDirectory(name)) return;

        files.RequireDirectory(root);
        files.RequireDirectory(Path.Combine(root, name));
        _checkedDirectories[name] = true;
    }
}

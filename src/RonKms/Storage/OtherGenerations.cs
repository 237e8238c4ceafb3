namespace RonKms.Storage;

/// <summary>What lies in a store beside its live generation: earlier ones that are to go, and ones that were never finished.</summary>
/// <remarks>Each step may be cut short and done again.</remarks>
internal sealed class OtherGenerations(FileOperations files, StoreLayout layout)
{
    private readonly LostFiles _lost = new(files, layout.Lost);

    /// <summary>The highest number that any generation had here, live, unfinished or archived; 0 where there was none.</summary>
    internal long Highest => Numbers().Concat(files.FindDirectory(layout.Archive) ? files.List(layout.Archive).Select(StoreLayout.NumberOfArchived) : [])
        .Max() ?? 0;

    /// <summary>Reads every journal that lies here, archived ones too.</summary>
    internal IEnumerable<StoredJournal> ReadJournals()
    {
        foreach (long number in Numbers().OfType<long>()) yield return Read(layout.Journal(number), number, isArchived: false);
        if (!files.FindDirectory(layout.Archive)) yield break;

        foreach (long number in files.List(layout.Archive).Select(StoreLayout.NumberOfArchived).OfType<long>())
        {
            yield return Read(layout.ArchivedJournal(number), number, isArchived: true);
        }
    }

    /// <summary>Removes all but the live one.</summary>
    /// <param name="live">The live one's number.</param>
    /// <param name="keepRecords">Whether earlier ones are moved aside as they are.</param>
    /// <param name="destroyed">The versions whose records go although the live one may have nothing of them.</param>
    internal void Clear(long live, bool keepRecords, IEnumerable<(Guid Key, uint Version)> destroyed)
    {
        DiscardAfter(live);
        long[] earlier = [.. Numbers().OfType<long>().Where(number => number < live).Order()];
        if (earlier.Length == 0) return;

        HashSet<(Guid, uint)> gone = [.. destroyed];
        foreach (long number in earlier) Retire(number, keepRecords, MayGo);

        // What could not be read, or is named by no line, was carried nowhere.
        bool MayGo(RecordName name) =>
            (name.Extension == RecordName.Record && gone.Contains((name.Key, name.Version)))
            || Holds(live, name with { Extension = RecordName.Record })
            || Holds(live, name with { Extension = RecordName.Remains });
    }

    /// <summary>Removes what was never finished.</summary>
    internal void DiscardAfter(long live)
    {
        foreach (long number in Numbers().OfType<long>().Where(number => number > live).Order()) Discard(number);
    }

    /// <summary>Removes a generation that never counted.</summary>
    internal void Discard(long number)
    {
        if (!files.FindDirectory(layout.Generation(number))) return;

        if (files.Exists(layout.Journal(number))) files.Unlink(layout.Journal(number));
        Erase(number, _ => true);
    }

    private StoredJournal Read(string path, long number, bool isArchived) =>
        new(number, isArchived, files.ReadWhole(path, (int)StoreLimits.JournalLength) ?? []);

    private bool Holds(long generation, RecordName name) => files.Exists(Path.Combine(layout.Keys(generation), name.Directory, name.ToString()));

    private IEnumerable<long?> Numbers() => files.FindDirectory(layout.Root) ? files.List(layout.Root).Select(StoreLayout.NumberOf) : [];

    /// <summary>Moves a journal to where it stays checkable, then removes the rest; or moves all of it aside.</summary>
    private void Retire(long number, bool keepRecords, Func<RecordName, bool> mayGo)
    {
        if (!files.FindDirectory(layout.Generation(number))) return;

        if (keepRecords)
        {
            _lost.Take("", [layout.Generation(number)]);
            return;
        }

        if (files.Exists(layout.Journal(number)))
        {
            files.RequireDirectory(layout.Archive);
            if (files.Exists(layout.ArchivedJournal(number))) _lost.Take("archive-", [layout.ArchivedJournal(number)]);
            files.Rename(layout.Journal(number), layout.ArchivedJournal(number));
            files.SyncDirectory(layout.Archive);
            files.SyncDirectory(layout.Generation(number));
        }

        Erase(number, mayGo);
    }

    private void Erase(long number, Func<RecordName, bool> mayGo)
    {
        string prefix = StoreLayout.GenerationName(number) + "-";
        string keys = layout.Keys(number);
        if (files.FindDirectory(keys))
        {
            foreach (string name in files.List(keys))
            {
                string directory = Path.Combine(keys, name);
                if (RecordName.IsDirectory(name) && files.FindDirectory(directory))
                {
                    EraseRecords(name, directory, prefix, mayGo);
                }
                else
                {
                    _lost.Take(prefix, [directory]);
                }
            }

            files.RemoveDirectory(keys);
        }

        _lost.Take(prefix, [.. files.List(layout.Generation(number)).Select(name => Path.Combine(layout.Generation(number), name))]);
        files.RemoveDirectory(layout.Generation(number));
        files.SyncDirectory(layout.Root);
    }

    private void EraseRecords(string name, string directory, string prefix, Func<RecordName, bool> mayGo)
    {
        foreach (string file in files.List(directory))
        {
            string path = Path.Combine(directory, file);
            string whole = file.EndsWith(DurableFiles.TemporarySuffix, StringComparison.Ordinal) ? file[..^DurableFiles.TemporarySuffix.Length] : file;
            if (RecordName.TryParse(name, whole, out RecordName record) && mayGo(record))
            {
                files.Erase(path);
            }
            else
            {
                _lost.Take(prefix, [path]);
            }
        }

        files.RemoveDirectory(directory);
    }
}

namespace RonKms.Storage;

/// <summary>One generation of a file store: its journal and its records, written in the order that survives a crash.</summary>
internal sealed class StoreGeneration : IDisposable
{
    private readonly FileOperations _files;
    private readonly StoreLayout _layout;

    private StoreGeneration(FileOperations files, StoreLayout layout, long number, JournalFile journal)
    {
        _files = files;
        _layout = layout;
        Number = number;
        Journal = journal;
        Records = new RecordFiles(files, layout.Keys(number));
    }

    internal long Number { get; }

    internal JournalFile Journal { get; }

    internal RecordFiles Records { get; }

    /// <param name="files">What reads and writes.</param>
    /// <param name="layout">Where.</param>
    /// <param name="number">The generation's number.</param>
    /// <param name="firstSeq">The first line's number, where it is known.</param>
    /// <param name="isReadOnly">Whether another process may be writing to it, and this one does not.</param>
    internal static StoreGeneration Open(FileOperations files, StoreLayout layout, long number, long firstSeq, bool isReadOnly)
    {
        if (!files.FindDirectory(layout.Generation(number)))
        {
            long? later = files.List(layout.Root).Select(StoreLayout.NumberOf).Max();
            throw new KmsException(
                KmsError.SealedCorrupt,
                later > number
                    ? $"{layout.Generation(number)} is missing, the generation that store.json names, and the later {StoreLayout.GenerationName(later.Value)} lies there: "
                        + "store.json is likely an older copy. Nothing was changed. Put back the right one, as docs/runbooks/missing-store-json.md tells."
                    : $"{layout.Generation(number)} is missing, the generation that store.json names. Restore the store from a backup.");
        }

        // Only looked at: a missing one is made with the first record.
        _ = files.FindDirectory(layout.Keys(number));
        return new StoreGeneration(files, layout, number, JournalFile.Open(files, layout.Journal(number), firstSeq, isReadOnly));
    }

    /// <summary>Records, then lines, then removals; each durable before the next begins.</summary>
    internal void Commit(StoreCommit commit)
    {
        Journal.RequireUntouched();
        if (commit.Records.Count > 0) Records.Write(commit.Records);
        if (commit.Lines.Count > 0) Journal.Append(commit.Lines);
        if (commit.Removals.Count > 0) Records.Remove(commit.Removals);
    }

    /// <summary>Each step may be cut short and done again.</summary>
    internal void Settle(JournalSettlement settlement)
    {
        string prefix = StoreLayout.GenerationName(Number) + "-";
        var lost = new LostFiles(_files, _layout.Lost);

        // First: an opening that was cut short may have made lost/ and not its name durable, and torn bytes are cut off once they are kept there.
        _files.SyncDirectory(_layout.Root);
        Journal.Repair(settlement, torn => lost.Keep($"{prefix}{StoreLayout.JournalName}.torn", torn));

        _files.RequireDirectory(_layout.Keys(Number));
        _files.SyncDirectory(_layout.Keys(Number));
        _files.SyncDirectory(_layout.Generation(Number));

        lost.Take(prefix, [.. settlement.Orphans
            .Select(orphan => Records.PathOf(new RecordName(orphan.Key, orphan.Version, RecordName.Record)))
            .Where(_files.Exists)]);
        lost.Take(prefix, [.. Records.TakeStrays(), .. Temporaries(_layout.Generation(Number)), .. Temporaries(_layout.Root)]);
        Records.Remove(settlement.Removals);
        new OtherGenerations(_files, _layout).Clear(Number, settlement.KeepsEarlierRecords, settlement.Destroyed);
    }

    public void Dispose() => Journal.Dispose();

    private IEnumerable<string> Temporaries(string directory) => _files.List(directory)
        .Where(name => name.EndsWith(DurableFiles.TemporarySuffix, StringComparison.Ordinal))
        .Select(name => Path.Combine(directory, name));
}

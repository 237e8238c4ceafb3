using Microsoft.Win32.SafeHandles;

namespace RonKms.Storage;

/// <summary>Builds a generation in a directory of its own, beside the live one.</summary>
internal sealed class GenerationBuilder : IGenerationBuilder
{
    private readonly FileOperations _files;
    private readonly StoreLayout _layout;
    private readonly Action<GenerationBuilder, byte[], long> _install;
    private readonly RecordFiles _records;
    private readonly SafeFileHandle _journal;
    private long _length;
    private bool _isDurable;
    private bool _mayCount;

    /// <param name="files">What writes.</param>
    /// <param name="layout">Where.</param>
    /// <param name="number">The generation's number; nothing lies there.</param>
    /// <param name="install">Puts the description in place, given its bytes and the first line's number.</param>
    internal GenerationBuilder(FileOperations files, StoreLayout layout, long number, Action<GenerationBuilder, byte[], long> install)
    {
        _files = files;
        _layout = layout;
        _install = install;
        Number = number;
        files.RequireDirectory(layout.Generation(number));
        files.RequireDirectory(layout.Keys(number));
        _records = new RecordFiles(files, layout.Keys(number));
        _journal = files.CreateNew(layout.Journal(number));
    }

    /// <inheritdoc/>
    public long Number { get; }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> line)
    {
        StoreCommit.ThrowIfNotOneLine(line, nameof(line));
        if (_length + line.Length > StoreLimits.JournalLength)
        {
            throw new KmsException(KmsError.StoreFailed, $"{_layout.Journal(Number)} would grow beyond {StoreLimits.JournalLength} bytes, the most that can be read.");
        }

        _isDurable = false;
        _files.Write(_journal, line, _length, _layout.Journal(Number));
        _length += line.Length;
    }

    /// <inheritdoc/>
    public void AddRecord(SealedRecord record) => Add(new RecordName(record.Key, record.Version, RecordName.Record), record.Bytes);

    /// <inheritdoc/>
    public void AddRemains(RecordRemoval remains) => Add(new RecordName(remains.Key, remains.Version, RecordName.Remains), remains.Remains);

    /// <inheritdoc/>
    public void Commit(ReadOnlySpan<byte> description, long firstSeq)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(description.Length, StoreLimits.DescriptionLength, nameof(description));
        MakeDurable();
        _mayCount = true;
        _install(this, description.ToArray(), firstSeq);
    }

    /// <summary>Throws away what was built; what cannot be removed now is removed when the store is opened next.</summary>
    public void Dispose()
    {
        _journal.Dispose();
        if (_mayCount) return;

        try
        {
            new OtherGenerations(_files, _layout).Discard(Number);
        }
        catch (KmsException)
        {
            // The failure that led here is the one to report.
        }
    }

    /// <inheritdoc/>
    public void MakeDurable()
    {
        if (_isDurable) return;

        _files.Sync(_journal, _layout.Journal(Number));
        _records.SyncDirectories();
        _files.SyncDirectory(_layout.Keys(Number));
        _files.SyncDirectory(_layout.Generation(Number));
        _files.SyncDirectory(_layout.Root);
        if (Path.GetDirectoryName(_layout.Root) is { } parent) _files.SyncDirectory(parent);
        _isDurable = true;
    }

    private void Add(RecordName name, ReadOnlyMemory<byte> bytes)
    {
        _isDurable = false;
        _records.Add(name, bytes.Span);
    }
}

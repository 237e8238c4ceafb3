using Microsoft.Win32.SafeHandles;

namespace RonKms.Storage;

/// <summary>The journal of one generation: a file that only grows, and where each of its lines begins.</summary>
/// <remarks>One that is only read may grow by another process's hand at any moment. It is opened anew for each reading: what counts is what lies
/// under its name, not what a handle still leads to.</remarks>
internal sealed class JournalFile : IDisposable
{
    private const byte LineFeed = (byte)'\n';
    private const int ScanLength = 1024 * 1024;

    /// <summary>The first line's number where only its content tells it.</summary>
    internal const long Unknown = 0;

    private readonly FileOperations _files;
    private readonly string _path;

    // None where the journal is only read.
    private readonly SafeFileHandle? _reader;
    private SafeFileHandle? _appender;
    private volatile View _view;

    private JournalFile(FileOperations files, string path, SafeFileHandle? reader, View view)
    {
        _files = files;
        _path = path;
        _reader = reader;
        _view = view;
    }

    /// <summary>The sequence number of the last line.</summary>
    internal long HeadSeq
    {
        get
        {
            View view = _view;
            return FirstSeq(view) + view.Lines.Count - 1;
        }
    }

    /// <summary>Opens a journal and finds its lines.</summary>
    /// <param name="files">What reads and writes.</param>
    /// <param name="path">The file.</param>
    /// <param name="firstSeq">The first line's number, or <see cref="Unknown"/>: then the lines are numbered by <see cref="Repair"/> or <see cref="Number"/>.</param>
    /// <param name="isReadOnly">Whether it is only read.</param>
    internal static JournalFile Open(FileOperations files, string path, long firstSeq, bool isReadOnly)
    {
        SafeFileHandle reader = files.Open(path, FileUse.Read)
            ?? throw new KmsException(KmsError.SealedCorrupt, $"The journal {path} is missing beside its store.json. Restore the store from a backup.");
        if (isReadOnly)
        {
            reader.Dispose();
            return new JournalFile(files, path, null, new View(LineIndex.Empty, firstSeq));
        }

        try
        {
            return new JournalFile(files, path, reader, new View(Scan(files, path, reader), firstSeq));
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Reads from the line after a number to the end: of a journal that is only read, the end that the file has by now.</summary>
    internal JournalTail ReadAfter(long seq)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seq);
        View view = _view;
        if (seq == 0 || seq < FirstSeq(view)) return new JournalTail(0, ReadFrom(0, view));

        ArgumentOutOfRangeException.ThrowIfGreaterThan(seq, FirstSeq(view) + view.Lines.Count - 1);
        return new JournalTail(seq, ReadFrom(view.Lines.Start((int)(seq - FirstSeq(view)) + 1), view));
    }

    /// <summary>Reads one line without its LF.</summary>
    internal byte[] ReadLine(long seq)
    {
        View view = _view;
        long first = FirstSeq(view);
        ArgumentOutOfRangeException.ThrowIfLessThan(seq, first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seq, first + view.Lines.Count - 1);
        int line = (int)(seq - first);
        byte[] bytes = Read(view.Lines.Start(line), view.Lines.Start(line + 1));
        return bytes is [.., LineFeed] ? bytes[..^1] : bytes;
    }

    /// <summary>Refuses a file that somebody else wrote to, moved or replaced, alone or with its directory.</summary>
    internal void RequireUntouched()
    {
        (long length, bool isThere) = _files.Look(Writer(), _path);
        if (!isThere || length != _view.Lines.End)
        {
            throw new KmsException(
                KmsError.StoreFailed,
                isThere
                    ? $"{_path} was changed by something else than this store. Stop whatever writes there, then reopen the store."
                    : $"{_path} is no longer the file that this store has open: it, or a directory above it, was moved, removed or replaced. See what did it and which of the two is the right one, then reopen the store.");
        }
    }

    /// <summary>Refuses what would make the journal longer than can be read again.</summary>
    internal void RequireRoom(long length)
    {
        if (_view.Lines.End + length > StoreLimits.JournalLength)
        {
            throw new KmsException(
                KmsError.StoreFailed,
                $"{_path} would grow beyond {StoreLimits.JournalLength} bytes, the most that can be read. Shorten it with Keystore.Compact.");
        }
    }

    /// <summary>Appends lines with one write and returns once they are durable.</summary>
    internal void Append(IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        View view = _view;
        byte[] group = StoreCommit.Join([.. lines]);
        RequireUntouched();
        _appender ??= _files.Open(_path, FileUse.Append) ?? throw Gone();
        _files.Write(_appender, group, view.Lines.End, _path);
        _files.SyncData(_appender, _path);
        _view = view with { Lines = view.Lines.With(group) };

        // A second writer may have come in between the first look and the write.
        RequireUntouched();
    }

    /// <summary>Cuts torn bytes off once they are kept elsewhere, and rewrites the last group, so that nothing counts that only a cache holds.</summary>
    internal void Repair(JournalSettlement settlement, Action<byte[]> keepTorn)
    {
        long length = _files.LengthOf(Writer(), _path);
        long valid = settlement.ValidLength;
        LineIndex lines = Check(settlement, length);
        byte[] group = new byte[valid - settlement.LastGroupOffset];
        Read(settlement.LastGroupOffset, Math.Min(length, valid)).CopyTo(group, 0);
        if (length < valid) group[^1] = LineFeed;
        if (group[^1] != LineFeed) throw new ArgumentException("The good bytes do not end with a line.", nameof(settlement));

        using SafeFileHandle file = _files.Open(_path, FileUse.Update) ?? throw Gone();
        if (length > valid)
        {
            keepTorn(Read(valid, length));
            _files.SetLength(file, valid, _path);
        }

        _files.Write(file, group, settlement.LastGroupOffset, _path);
        _files.Sync(file, _path);
        _view = new View(lines, settlement.HeadSeq - lines.Count + 1);
    }

    /// <summary>Takes note of which lines are good and what their numbers are, and changes nothing.</summary>
    internal void Number(JournalSettlement settlement)
    {
        LineIndex lines = Check(settlement, _view.Lines.End);
        _view = new View(lines, settlement.HeadSeq - lines.Count + 1);
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _appender?.Dispose();
    }

    private static LineIndex Scan(FileOperations files, string path, SafeFileHandle file)
    {
        long length = Length(files, path, file);
        LineIndex lines = LineIndex.Empty;
        byte[] buffer = new byte[(int)Math.Min(length + 1, ScanLength)];
        while (true)
        {
            int read = files.ReadUpTo(file, buffer, lines.End, path);
            bool isLast = read < buffer.Length;
            int whole = isLast ? read : buffer.AsSpan().LastIndexOf(LineFeed) + 1;
            lines = lines.With(buffer.AsSpan(0, whole));
            if (isLast) return lines;
            if (whole == 0) buffer = new byte[(int)Math.Min(buffer.Length * 2L, Array.MaxLength)];
        }
    }

    private static long Length(FileOperations files, string path, SafeFileHandle file)
    {
        long length = files.LengthOf(file, path);
        return length <= StoreLimits.JournalLength
            ? length
            : throw new KmsException(
                KmsError.StoreFailed,
                $"{path} has {length} bytes; this version reads at most {StoreLimits.JournalLength}. Open the store with the version that wrote it, and compact it.");
    }

    private LineIndex Check(JournalSettlement settlement, long length)
    {
        if (settlement.ValidLength > length + 1 || settlement.LastGroupOffset < 0 || settlement.LastGroupOffset >= settlement.ValidLength)
        {
            throw new ArgumentException("The settlement is not one of this journal.", nameof(settlement));
        }

        LineIndex lines = _view.Lines.Until(settlement.ValidLength);
        return settlement.HeadSeq >= lines.Count
            ? lines
            : throw new ArgumentException("The head's number is smaller than the number of lines.", nameof(settlement));
    }

    private byte[] Read(long start, long end)
    {
        if (_reader is not null) return _files.ReadExactly(_reader, start, checked((int)(end - start)), _path);

        using SafeFileHandle file = _files.Open(_path, FileUse.Read) ?? throw Gone();
        return _files.ReadExactly(file, start, checked((int)(end - start)), _path);
    }

    private byte[] ReadFrom(long start, View view)
    {
        if (_reader is not null) return Read(start, view.Lines.End);

        using SafeFileHandle file = _files.Open(_path, FileUse.Read) ?? throw Gone();
        long length = Length(_files, _path, file);
        if (length < start)
        {
            throw new KmsException(
                KmsError.Rollback, $"{_path} has {length} bytes, and {start} were read of it before: it was put back to an older day, or cut off.");
        }

        // What was read from there on before may have been torn, and cut off since.
        byte[] bytes = _files.ReadExactly(file, start, checked((int)(length - start)), _path);
        _view = view with { Lines = view.Lines.Until(start).With(bytes) };
        return bytes;
    }

    private SafeFileHandle Writer() => _reader ?? throw new InvalidOperationException($"{_path} is only read.");

    private KmsException Gone() => new(KmsError.StoreFailed, $"{_path} is gone. See what removed it, then reopen the store.");

    private static long FirstSeq(View view) => view.FirstSeq != Unknown
        ? view.FirstSeq
        : throw new InvalidOperationException("The lines of a later generation have numbers only once the store is settled.");

    private sealed record View(LineIndex Lines, long FirstSeq);
}

namespace RonKms.Storage;

/// <summary>Where each journal line begins: eight bytes a line. Never changes; a longer one is made by <see cref="With"/>.</summary>
/// <remarks>One writer lengthens the newest index; readers keep using the one that they hold, without a lock.</remarks>
internal sealed class LineIndex
{
    private const byte LineFeed = (byte)'\n';

    // Shared with longer indexes: an entry below Count never changes, what lies above is not this index's.
    private readonly long[] _starts;

    private LineIndex(long[] starts, int count, long end)
    {
        _starts = starts;
        Count = count;
        End = end;
    }

    internal static LineIndex Empty { get; } = new([], 0, 0);

    /// <summary>How many lines there are; a last one without its LF counts.</summary>
    internal int Count { get; }

    /// <summary>The journal's length in bytes.</summary>
    internal long End { get; }

    /// <summary>Where a line begins; for the number after the last line, where the next one will.</summary>
    internal long Start(int line)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(line, Count);
        return line == Count ? End : _starts[line];
    }

    /// <summary>The index of a journal that goes on with these bytes. What follows the last LF is a line of its own.</summary>
    internal LineIndex With(ReadOnlySpan<byte> bytes)
    {
        long[] starts = _starts;
        int count = Count;
        long end = End;
        while (!bytes.IsEmpty)
        {
            if (count == starts.Length) Array.Resize(ref starts, Room(count));
            starts[count++] = end;
            int length = bytes.IndexOf(LineFeed) + 1;
            if (length == 0) length = bytes.Length;
            end += length;
            bytes = bytes[length..];
        }

        return new LineIndex(starts, count, end);
    }

    /// <summary>How many entries to make room for when there are so many.</summary>
    internal static int Room(int count) => (int)Math.Min(Array.MaxLength, Math.Max(256, count * 2L));

    /// <summary>The index of the journal's beginning, which must end where a line ends.</summary>
    internal LineIndex Until(long end)
    {
        if (end == End) return this;

        int count = Array.BinarySearch(_starts, 0, Count, end);
        return new LineIndex([.. _starts.AsSpan(0, count < 0 ? ~count : count)], count < 0 ? ~count : count, end);
    }
}

namespace RonKms.Storage;

/// <summary>Records, lines and removals that are written together.</summary>
/// <param name="ExpectedHeadSeq">The sequence number of the journal's last line as the writer knows it.</param>
/// <param name="Records">New sealed records.</param>
/// <param name="Lines">The new journal lines in order, each with its final LF; their sequence numbers follow the expected head's.</param>
/// <param name="Removals">Versions whose records go, once the lines are durable.</param>
public sealed record StoreCommit(
    long ExpectedHeadSeq,
    IReadOnlyList<SealedRecord> Records,
    IReadOnlyList<ReadOnlyMemory<byte>> Lines,
    IReadOnlyList<RecordRemoval> Removals)
{
    private const byte LineFeed = (byte)'\n';

    internal static void ThrowIfNotOneLine(ReadOnlySpan<byte> line, string parameter)
    {
        if (line.Length < 2 || line.IndexOf(LineFeed) != line.Length - 1) throw new ArgumentException("A journal line ends with its only LF.", parameter);
    }

    internal static byte[] Join(ReadOnlySpan<ReadOnlyMemory<byte>> lines)
    {
        long length = 0;
        foreach (ReadOnlyMemory<byte> line in lines) length += line.Length;
        byte[] joined = GC.AllocateUninitializedArray<byte>(checked((int)length));
        int filled = 0;
        foreach (ReadOnlyMemory<byte> line in lines)
        {
            line.Span.CopyTo(joined.AsSpan(filled));
            filled += line.Length;
        }

        return joined;
    }

    /// <summary>Finds a caller's mistake before anything is written.</summary>
    internal void ThrowIfMalformed()
    {
        foreach (ReadOnlyMemory<byte> line in Lines) ThrowIfNotOneLine(line.Span, nameof(Lines));
        HashSet<(Guid, uint)>? versions = Records.Count + Removals.Count > 1 ? [] : null;
        foreach (SealedRecord record in Records) Check(record.Key, record.Version, record.Bytes.Length);
        foreach (RecordRemoval removal in Removals) Check(removal.Key, removal.Version, removal.Remains.Length);

        void Check(Guid key, uint version, int length)
        {
            if (version == 0) throw new ArgumentException("Versions count from 1.");
            if (length > StoreLimits.RecordLength) throw new ArgumentException($"A record has at most {StoreLimits.RecordLength} bytes.");
            if (versions?.Add((key, version)) == false) throw new ArgumentException("A commit writes or removes a key version once.");
        }
    }
}

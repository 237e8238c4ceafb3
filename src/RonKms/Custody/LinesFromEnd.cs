namespace RonKms.Custody;

/// <summary>A thread that reads a long journal's lines, MACs and all, and hashes them, from the last line on towards the caller's thread, which
/// reads and folds them from the first on. Neither waits for the other.</summary>
/// <remarks>It ends before this is disposed. It stops where they meet, or at the first line that it cannot vouch for.</remarks>
internal sealed class LinesFromEnd : IDisposable
{
    // It calls the hash and the line's parser, and they call little.
    internal const int StackSize = 256 * 1024;

    // Fewer are not worth a thread.
    private const int LeastBytes = 1024 * 1024;

    // Makes room for the lines; those of create have more.
    private const int LineLength = 400;

    private readonly ReadOnlyMemory<byte> _journal;
    private readonly JournalLineReader _reader;
    private readonly (int Start, Digest Digest, CustodyEvent Event)[] _lines;
    private readonly Thread _thread;
    private volatile int _count;
    private volatile bool _isStopped;

    // Which line the caller's thread takes next; none before they met.
    private int? _next;

    private LinesFromEnd(ReadOnlyMemory<byte> journal, JournalLineReader reader)
    {
        _journal = journal;
        _reader = reader;
        _lines = new (int, Digest, CustodyEvent)[journal.Length / LineLength];
        _thread = new Thread(Work, StackSize) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether a journal is so long that another thread pays, and there is a processor for it.</summary>
    internal static bool IsWorthwhile(int journalLength) => journalLength >= LeastBytes && Environment.ProcessorCount > 1;

    /// <summary>Begins, where that is worth while and there are MACs to check.</summary>
    internal static LinesFromEnd? Begin(ReadOnlyMemory<byte> journal, JournalLineReader caller) =>
        IsWorthwhile(journal.Length) && caller.Another() is { } reader ? new LinesFromEnd(journal, reader) : null;

    /// <summary>Takes a line, where it is there already.</summary>
    /// <param name="start">Where the line begins in the journal; higher than the last time.</param>
    /// <param name="digest">Receives the digest of the line without its LF.</param>
    /// <returns>What the line says, given that it is valid; otherwise this says nothing of it.</returns>
    internal CustodyEvent? Take(int start, out Digest digest)
    {
        digest = default;
        if (_next is not { } next)
        {
            next = _count - 1;
            if (next < 0 || _lines[next].Start > start)
            {
                return null;
            }

            _isStopped = true;
        }

        while (next >= 0 && _lines[next].Start < start)
        {
            next--;
        }

        _next = next;
        if (next < 0 || _lines[next].Start != start)
        {
            return null;
        }

        digest = _lines[next].Digest;
        return _lines[next].Event;
    }

    public void Dispose()
    {
        _isStopped = true;
        _thread.Join();
    }

    private void Work()
    {
        try
        {
            _reader.BeginLines();
            ReadOnlySpan<byte> rest = _journal.Span;
            rest = rest[..(rest.LastIndexOf((byte)'\n') + 1)];
            for (int i = 0; i < _lines.Length && !rest.IsEmpty && !_isStopped; i++)
            {
                int start = rest[..^1].LastIndexOf((byte)'\n') + 1;
                ReadOnlySpan<byte> line = rest[start..^1];
                if (_reader.Read(line, out CustodyEvent? e) != JournalLineStatus.Valid)
                {
                    break;
                }

                _lines[i] = (start, _reader.DigestOf(line), e!);
                _count = i + 1;
                rest = rest[..start];
            }
        }
        catch (Exception)
        {
            // The caller's thread does these lines itself, and there whatever fails is told.
        }
        finally
        {
            _reader.EndLines();
        }
    }
}

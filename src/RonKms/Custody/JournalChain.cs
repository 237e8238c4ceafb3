namespace RonKms.Custody;

/// <summary>Follows a journal line by line: checks the chain, folds the events, and says where the good part ends.</summary>
/// <remarks>Made by itself it has no key, and anybody could have written what it takes in: good enough to look at a store, or to compare its end with
/// the digest in a journal that was checked, and no more.
/// Whatever opens, restores or writes one takes a <see cref="JournalReplay"/>, which checks every MAC.
/// One thread at a time. Source: docs/formats/ronk-v1.md, section 3.</remarks>
internal class JournalChain
{
    // A key's first line is longer: so room is made once for all of a journal's keys.
    private const int LineLength = 400;

    private readonly Guid _storeId;
    private readonly long _generation;
    private long _firstSeq;
    private readonly string _location;
    private readonly long _anchoredSeq;
    private readonly bool _isGrowing;
    private volatile JournalHead _head = new(0, default, 0, 0);

    /// <summary>Begins before the first line, without a key: MACs are not looked at.</summary>
    /// <param name="storeId">Which store's journal it is.</param>
    /// <param name="generation">Which generation's.</param>
    /// <param name="location">The store's place, for messages.</param>
    /// <param name="anchoredSeq">The line whose digest is wanted; 0 for none.</param>
    internal JournalChain(Guid storeId, long generation, string location, long anchoredSeq = 0)
        : this(JournalLineReader.WithoutMacs(), storeId, generation, location, anchoredSeq, isGrowing: false)
    {
    }

    private protected JournalChain(JournalLineReader reader, Guid storeId, long generation, string location, long anchoredSeq, bool isGrowing)
    {
        Reader = reader;
        _storeId = storeId;
        _generation = generation;
        _location = location;
        _anchoredSeq = anchoredSeq;
        _isGrowing = isGrowing;
    }

    internal KeyDirectory Directory { get; private protected set; } = new();

    internal long Generation => _generation;

    internal Guid StoreId => _storeId;

    private protected JournalLineReader Reader { get; }

    /// <summary>How many lines were taken in.</summary>
    internal long LineCount => Head.Seq == 0 ? 0 : Head.Seq - _firstSeq + 1;

    internal JournalHead Head => _head;

    /// <summary>What a later generation goes on from.</summary>
    internal GenerationOrigin? Origin { get; private set; }

    /// <summary>The anchor's kind that the first line names.</summary>
    internal string? FirstAnchor { get; private set; }

    /// <summary>The digest of the line that the anchor vouches for, once it was read.</summary>
    internal Digest? AnchoredLine { get; private set; }

    /// <summary>How many bytes are good, the last line's LF counted even where it is missing.</summary>
    internal long ValidLength { get; private set; }

    /// <summary>Where the lines begin that were written together with the last one.</summary>
    internal long LastGroupOffset { get; private set; }

    /// <summary>Takes in further bytes of the journal, up to its end.</summary>
    /// <returns>How many bytes at the end are torn: cut short by a crash before anybody was told of them.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.NewerFormat"/>.</exception>
    internal int Follow(ReadOnlyMemory<byte> bytes)
    {
        if (Head.Seq == 0)
        {
            Directory = new KeyDirectory(bytes.Length / LineLength);
        }

        Reader.BeginLines();
        try
        {
            using LinesFromEnd? others = LinesFromEnd.Begin(bytes, Reader);
            return FollowLines(bytes.Span, others);
        }
        finally
        {
            Reader.EndLines();
        }
    }

    private int FollowLines(ReadOnlySpan<byte> journal, LinesFromEnd? others)
    {
        for (int start = 0; start < journal.Length;)
        {
            ReadOnlySpan<byte> bytes = journal[start..];
            int lineFeed = bytes.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = lineFeed < 0 ? bytes : bytes[..lineFeed];
            if ((_isGrowing && lineFeed < 0) || !TryFollowLine(line, others, start))
            {
                RequireTorn(bytes);
                return bytes.Length;
            }

            start += line.Length + 1;
        }

        return 0;
    }

    private bool TryFollowLine(ReadOnlySpan<byte> line, LinesFromEnd? others, int start)
    {
        Digest digest = default;
        CustodyEvent? e = others?.Take(start, out digest);
        bool isKnown = e is not null;
        switch (isKnown ? JournalLineStatus.Valid : Reader.Read(line, out e))
        {
            case JournalLineStatus.Newer:
                throw new KmsException(
                    KmsError.NewerFormat,
                    $"Line {Head.Seq + 1} of the journal of {_location} holds something that this version does not know. Use a newer version of RonKms.");
            case JournalLineStatus.Malformed:
                throw Damaged();
            case JournalLineStatus.Valid when Continues(Head, e!):
                if (!MayFold(Head, e!))
                {
                    throw Damaged();
                }

                Directory.Apply(e!);
                digest = isKnown ? digest : Reader.DigestOf(line);
                if (e!.Seq == _anchoredSeq)
                {
                    AnchoredLine = digest;
                }

                Origin ??= e.From;
                FirstAnchor ??= e.Anchor;
                if (e.Base != Head.Base)
                {
                    LastGroupOffset = ValidLength;
                }

                if (Head.Seq == 0)
                {
                    _firstSeq = e.Seq;
                }

                _head = new JournalHead(e.Seq, digest, e.TimeMs, e.Base);
                ValidLength += line.Length + 1;
                return true;
            default:
                return false;
        }
    }

    private protected bool Continues(JournalHead head, CustodyEvent e)
    {
        return head.Seq == 0
            ? Begins(e)
            : e.Seq == head.Seq + 1
                && e.Prev == head.Digest
                && e.TimeMs >= head.TimeMs
                && e.Base >= head.Base
                && e.Base < e.Seq;
    }

    private bool Begins(CustodyEvent e) => e.From is { } from
        ? _generation > 1 && from.Generation < _generation && e.Seq > from.Seq && e.Prev == from.Head && e.Base < e.Seq
        : _generation == 1 && e.Seq == 1 && e.Prev == default && e.Base == 0;

    /// <summary>Whether an event whose place in the chain is right may come here.</summary>
    private protected bool MayFold(JournalHead head, CustodyEvent e)
    {
        bool isAllowed = e.Op switch
        {
            CustodyOp.OpenStore => head.Seq == 0 && e.StoreId == _storeId,
            CustodyOp.State => head.Seq != 0 && _generation > 1,
            _ => head.Seq != 0,
        };
        return isAllowed && Directory.MayApply(e);
    }

    /// <summary>Refuses what follows the good part unless it can only be the rest of a write that was cut short.</summary>
    private void RequireTorn(ReadOnlySpan<byte> bytes)
    {
        if (Head.Seq == 0 && JournalLineReader.ClaimedStore(bytes[..Math.Max(0, bytes.IndexOf((byte)'\n'))]) is { } other && other != _storeId)
        {
            throw new KmsException(
                KmsError.SealedCorrupt,
                $"store.json and the journal of {_location} belong to different stores: store.json to {_storeId}, the journal to {other}. "
                + "Nothing was changed. Put back the one that was there before.");
        }

        bool cutShort = Head.Seq > 0 && (bytes[^1] != (byte)'\n' || bytes.Contains((byte)0));
        if (!cutShort || _anchoredSeq > Head.Seq || HoldsLineAfterDurable(bytes))
        {
            throw Damaged();
        }
    }

    private KmsException Damaged() => new(
        KmsError.SealedCorrupt, $"The journal of {_location} is damaged after line {Head.Seq}. Nothing was changed. Restore the store from a backup.");

    /// <summary>Whether a line among these bytes was written when a line behind the good part was already durable.</summary>
    private bool HoldsLineAfterDurable(ReadOnlySpan<byte> bytes)
    {
        // A zero byte ends a line, too: so a line is seen that lies beside a block which was never written.
        foreach (Range range in bytes.SplitAny((byte)'\n', (byte)0))
        {
            if (Reader.Read(bytes[range], out CustodyEvent? e) != JournalLineStatus.Invalid && (e is null || e.Base > Head.Seq))
            {
                return true;
            }
        }

        return false;
    }
}

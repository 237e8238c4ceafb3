using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>Follows a journal whose every line a holder of the store's key vouches for.</summary>
/// <remarks>One thread at a time. Source: docs/formats/ronk-v1.md, section 3.</remarks>
internal sealed class JournalReplay : JournalChain
{
    private readonly StoreKey _storeKey;
    private readonly string _location;

    /// <summary>Begins before the first line.</summary>
    /// <param name="storeKey">What the lines' MACs are made with.</param>
    /// <param name="generation">Which generation's journal it is.</param>
    /// <param name="location">The store's place, for messages.</param>
    /// <param name="anchoredSeq">The line that a rollback anchor vouches for; 0 for none.</param>
    /// <param name="isGrowing">Whether another process may be writing to it: then a line is none before its LF is there.</param>
    internal JournalReplay(StoreKey storeKey, long generation, string location, long anchoredSeq = 0, bool isGrowing = false)
        : base(new JournalLineReader(storeKey), storeKey.StoreId, generation, location, anchoredSeq, isGrowing)
    {
        _storeKey = storeKey;
        _location = location;
    }

    /// <summary>A replay of the same journal from its beginning.</summary>
    internal JournalReplay Begin(long anchoredSeq) => new(_storeKey, Generation, _location, anchoredSeq);

    /// <summary>Keeps the keys of an earlier generation's directory as the objects they are, and brings them to what this journal says.</summary>
    internal void Keep(KeyDirectory earlier)
    {
        earlier.MoveTo(Directory);
        Directory = earlier;
    }

    /// <summary>Whether lines not yet written would be taken in one after another. Changes nothing.</summary>
    /// <remarks>Each is compared with the directory as it is now, so that none may build upon another one.</remarks>
    /// <param name="head">What they come after; then their own head.</param>
    /// <param name="lines">The lines, each with its LF.</param>
    internal bool WouldFollow(ref JournalHead head, List<byte[]> lines)
    {
        JournalHead last = head;
        HashSet<(Guid, uint)>? changed = lines.Count > 1 ? [] : null;
        foreach (byte[] withLineFeed in lines)
        {
            ReadOnlySpan<byte> line = withLineFeed.AsSpan(0, withLineFeed.Length - 1);
            if (Reader.Read(line, out CustodyEvent? e) != JournalLineStatus.Valid || !Continues(last, e!) || !MayFold(last, e!))
            {
                return false;
            }

            bool changesState = e!.Op is CustodyOp.Disable or CustodyOp.Enable or CustodyOp.Destroy;
            if (e.Key is { } key && changed?.Add((key.Uuid, changesState ? key.Version : 0)) == false)
            {
                return false;
            }

            last = new JournalHead(e.Seq, Digest.Of(line), e.TimeMs, e.Base);
        }

        head = last;
        return true;
    }
}

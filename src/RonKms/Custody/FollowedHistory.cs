using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Shows that a later generation goes on from what a follower read, through the journals of the generations between them.</summary>
/// <remarks>Each is vouched for by the one that goes on from its last line: their MACs may be under a store key that is no more.
/// Source: docs/formats/ronk-v1.md, sections 2 and 3.</remarks>
internal static class FollowedHistory
{
    /// <summary>Looks for what keeps a later generation from being the same store's later state.</summary>
    /// <param name="store">Where the earlier journals lie.</param>
    /// <param name="next">The later generation's journal.</param>
    /// <param name="read">What was read before.</param>
    /// <returns>What it is; <see langword="null"/> where everything was shown.</returns>
    internal static string? FindGap(ISealedStore store, JournalReplay next, CustodyJournal read)
    {
        JournalHead head = read.Head;
        JournalChain later = next;

        // A restore that could read nothing it replaced goes on from what the backup knew, and brings every key back disabled.
        while (!IsBlindRestore(later))
        {
            GenerationOrigin from = later.Origin!;
            bool isOwn = from.Generation == read.Generation;
            string goesOn = $"generation {later.Generation} goes on from line {from.Seq} of generation {from.Generation}";
            if (from.Generation < read.Generation || (isOwn && (from.Seq < head.Seq || (from.Seq == head.Seq && from.Head != head.Digest))))
            {
                return $"{goesOn}, and line {head.Seq} of {read.Generation} was read before";
            }

            if (isOwn && from.Seq == head.Seq)
            {
                break;
            }

            if (store.ReadEarlierJournal(from.Generation) is not { } bytes)
            {
                return $"{goesOn}, whose journal is not there, so that nothing shows that line {head.Seq} of {read.Generation} is part of its history";
            }

            JournalChain earlier = Follow(bytes, next.StoreId, from.Generation, head.Seq);
            if (earlier.Head.Seq != from.Seq || earlier.Head.Digest != from.Head)
            {
                return $"{goesOn}, and the journal that lies there does not end with that line";
            }

            if (isOwn)
            {
                return earlier.AnchoredLine != head.Digest
                    ? $"{goesOn}, and line {head.Seq} of that one is not the one that was read before"
                    : FindAnchorGap(earlier.Directory.Anchor, later);
            }

            if (FindAnchorGap(earlier.Directory.Anchor, later) is { } gap)
            {
                return gap;
            }

            later = earlier;
        }

        return FindAnchorGap(read.Directory.Anchor, later);
    }

    private static JournalChain Follow(byte[] journal, Guid storeId, long generation, long seq)
    {
        JournalChain chain = new(storeId, generation, $"generation {generation}", seq);
        try
        {
            _ = chain.Follow(journal);
        }
        catch (KmsException e) when (e.Error == KmsError.SealedCorrupt)
        {
            // Who asked sees how far it is good.
        }

        return chain;
    }

    /// <summary>A copy of a store has no anchor, and so tells itself from the store.</summary>
    private static string? FindAnchorGap(string anchor, JournalChain later) => later.FirstAnchor == anchor
        ? null
        : $"generation {later.Generation} begins with the anchor '{later.FirstAnchor}', and the one before it ended with '{anchor}'";

    private static bool IsBlindRestore(JournalChain journal) =>
        journal.Directory.Reason == GenerationReason.Leaping(GenerationReason.Restore)
        && journal.Directory.Keys.All(entry => Array.TrueForAll(entry.Versions.ToArray(), CameBackUnused));

    // Of a state line with nothing after it the state is as it came back; otherwise a later line made it what it is.
    private static bool CameBackUnused(KeyVersion version) => version.CreatedAtMs is not null || version.State != KeyState.Enabled || version.Lines.Length > 1;
}

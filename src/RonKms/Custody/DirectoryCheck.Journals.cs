using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <content>The journals, live and archived, and the anchor.</content>
internal sealed partial class DirectoryCheck
{
    /// <summary>Follows the live journal as far as it is good, and describes the rest.</summary>
    /// <param name="journal">Its bytes, where they could be read.</param>
    /// <param name="description">store.json.</param>
    /// <param name="generation">The live generation.</param>
    /// <param name="stores">The digests that the journal may name last.</param>
    /// <returns>The good part, and whether that is all.</returns>
    private (JournalChain Chain, bool IsWhole) CheckJournal(byte[]? journal, StoreDescription? description, long generation, Digest[] stores)
    {
        string name = NameOf(_layout.Journal(generation));
        ReadOnlySpan<byte> bytes = journal;
        Guid storeId = description?.StoreId ?? JournalLineReader.ClaimedStore(bytes[..Math.Max(0, bytes.IndexOf((byte)'\n'))]) ?? Guid.Empty;
        StoreAnchor? known = null;
        AnchorHead? anchored = null;
        bool isAnchorRead = TryReadAnchor(storeId, ref known, ref anchored);
        long anchoredSeq = known?.Seq ?? anchored?.Seq ?? 0;
        JournalReplay? replay = _storeKey is null ? null : new JournalReplay(_storeKey, generation, Location, anchoredSeq);
        JournalChain chain = replay ?? new JournalChain(storeId, generation, Location, anchoredSeq);
        if (journal is not { Length: > 0 })
        {
            _findings.Damage(StoreFindingKind.JournalDamaged, name, "The live generation's journal is missing, empty or unreadable.", Restore);
            return (chain, false);
        }

        int torn;
        try
        {
            torn = chain.Follow(journal);
        }
        catch (KmsException e)
        {
            StoreFindingKind kind = StoreFindings.KindOf(e, StoreFindingKind.JournalDamaged);
            _findings.Damage(kind, name, $"{e.Message} {DescribeRest(bytes[(int)Math.Min(chain.ValidLength, bytes.Length)..])}", StoreFindings.AdviceOn(e));
            Count(chain);
            return (chain, false);
        }

        Count(chain);
        if (torn > 0 || chain.ValidLength > bytes.Length)
        {
            _findings.Notice(
                StoreFindingKind.TornEnd,
                name,
                torn > 0 ? $"After line {chain.Head.Seq} it ends with {torn} bytes of a write that was cut short." : $"The line feed of its last line, {chain.Head.Seq}, is missing.",
                "If nothing crashed or lost power, take it for an attack: docs/runbooks/damaged-record.md.");
        }

        if (stores.Length > 0 && !stores.Contains(chain.Directory.Store))
        {
            _findings.Damage(
                StoreFindingKind.Rollback, StoreLayout.DescriptionName, "It is not the one that the journal names last: one of the two is from another day, or was changed.", "See docs/runbooks/rollback.md.");
        }

        if (isAnchorRead)
        {
            CheckAnchor(chain, replay, known, anchored);
        }

        return (chain, true);
    }

    private void Count(JournalChain chain)
    {
        _generations++;
        _lines += chain.LineCount;
    }

    /// <summary>Looks at what follows the good part: what its first line is, and how much more there is.</summary>
    private string DescribeRest(ReadOnlySpan<byte> rest)
    {
        JournalLineReader reader = _storeKey is null ? JournalLineReader.WithoutMacs() : new JournalLineReader(_storeKey);
        string first = string.Empty;
        int lines = 0;
        int whole = 0;
        while (!rest.IsEmpty)
        {
            _cancellation.ThrowIfCancellationRequested();
            int lineFeed = rest.IndexOf((byte)'\n');
            JournalLineStatus status = reader.Read(lineFeed < 0 ? rest : rest[..lineFeed], out _);
            if (lines++ == 0)
            {
                first = status switch
                {
                    JournalLineStatus.Invalid => _storeKey is null ? "is no line, or not written as one is" : "has a wrong MAC, or is no line",
                    JournalLineStatus.Malformed => "has a right MAC and is not written as the format says",
                    JournalLineStatus.Newer => "holds something unknown",
                    _ => "is whole by itself, and does not continue the chain",
                };
            }

            whole += status == JournalLineStatus.Valid ? 1 : 0;
            rest = lineFeed < 0 ? default : rest[(lineFeed + 1)..];
        }

        return $"The next line {first}. From there on there are {lines} lines, {whole} of them whole by themselves; nothing they say was believed.";
    }

    /// <summary>Asks the anchor for the store.</summary>
    /// <returns>Whether there is one that answered.</returns>
    private bool TryReadAnchor(Guid storeId, ref StoreAnchor? known, ref AnchorHead? anchored)
    {
        try
        {
            if (_anchor is not null && _storeKey is not null)
            {
                known = new StoreAnchor(_anchor, _storeKey, Location);
            }

            anchored = _storeKey is null ? _anchor?.Read(storeId) : null;
            return true;
        }
        catch (KmsException e)
        {
            _findings.Damage(StoreFindingKind.Rollback, null, e);
            return false;
        }
    }

    private void CheckAnchor(JournalChain chain, JournalReplay? replay, StoreAnchor? known, AnchorHead? anchored)
    {
        if (_anchor is null)
        {
            if (chain.Directory.Anchor != StoreAnchor.None)
            {
                _findings.Notice(
                    StoreFindingKind.NotChecked,
                    null,
                    $"The journal has an anchor ({chain.Directory.Anchor}), and none was given: whether the store was put back to an older day was not checked.",
                    "Give its anchor.");
            }
        }
        else if (replay is not null)
        {
            try
            {
                StoreOpening.CheckAnchor(Location, replay, known);
            }
            catch (KmsException e)
            {
                _findings.Damage(StoreFindingKind.Rollback, null, e);
            }
        }
        else if (chain.Directory.Anchor != _anchor.Kind || anchored is null || !IsAt(chain, anchored))
        {
            _findings.Damage(
                StoreFindingKind.Rollback,
                null,
                $"The journal has the anchor {chain.Directory.Anchor} and ends with line {chain.Head.Seq}; the anchor given ({_anchor.Kind}) "
                + (anchored is null ? "knows nothing of this store." : $"knows line {anchored.Seq}, which is not in it."),
                "See docs/runbooks/rollback.md.");
        }
    }

    private static bool IsAt(JournalChain chain, AnchorHead anchored) =>
        chain.AnchoredLine?.ToString() == anchored.Head
        || (chain.Origin is { } from && from.Seq == anchored.Seq && from.Head.ToString() == anchored.Head);

    /// <summary>Follows the journals of earlier generations back to the first. Each one's chain is vouched for by the one that goes on from it:
    /// their MACs may be under a store key that is no more.</summary>
    private void CheckArchive(JournalChain live)
    {
        HashSet<long> reached = [];
        bool isWhole = live.Head.Seq > 0;
        JournalChain chain = live;
        while (isWhole && chain.Origin is { } from)
        {
            _cancellation.ThrowIfCancellationRequested();
            reached.Add(from.Generation);
            (isWhole, chain) = CheckArchived(from, chain);
        }

        if (!isWhole || !_files.FindDirectory(_layout.Archive))
        {
            return;
        }

        foreach (string name in _files.List(_layout.Archive).Where(name => StoreLayout.NumberOfArchived(name) is not { } number || !reached.Contains(number)))
        {
            _findings.Notice(
                StoreFindingKind.ForeignFile, Path.Combine(StoreLayout.ArchiveName, name), "No journal goes on from it: nothing vouches for what it says.", "See who put it there.");
        }
    }

    /// <param name="from">The head that it must lead to.</param>
    /// <param name="following">The journal that goes on from it.</param>
    /// <returns>Whether its own origin can be believed, and the journal.</returns>
    private (bool IsWhole, JournalChain Chain) CheckArchived(GenerationOrigin from, JournalChain following)
    {
        // Between the change of generation and the tidying after it, a journal lies where it was.
        string path = _layout.ArchivedJournal(from.Generation);
        path = _files.Exists(path) || !_files.Exists(_layout.Journal(from.Generation)) ? path : _layout.Journal(from.Generation);
        bool isRestored = following.Directory.Reason?.StartsWith(GenerationReason.Restore, StringComparison.Ordinal) == true;
        JournalChain chain = new(following.StoreId, from.Generation, $"generation {from.Generation}", from.Seq);
        byte[]? bytes = Read(path, (int)StoreLimits.JournalLength, StoreFindingKind.ArchiveDamaged);
        if (bytes is null)
        {
            // Told of already where it is there and cannot be read.
            if (!_files.Exists(path))
            {
                Add(isDamage: !isRestored, isRestored
                    ? $"The journal up to line {from.Seq} is not here: the store was restored or copied from another place."
                    : $"The journal up to line {from.Seq}, which generation {following.Generation} goes on from, is missing.");
            }

            return (false, chain);
        }

        int torn = 0;
        try
        {
            torn = chain.Follow(bytes);
        }
        catch (KmsException e)
        {
            Add(isDamage: true, e.Message);
        }

        if (chain.AnchoredLine != from.Head)
        {
            Add(isDamage: true, $"It does not lead to line {from.Seq}, which generation {following.Generation} goes on from: it was changed, cut or exchanged.");
            return (false, chain);
        }

        Count(chain);
        if (chain.Head.Seq > from.Seq || torn > 0)
        {
            Add(isDamage: !isRestored, $"It goes on after line {from.Seq}, where generation {following.Generation} does: nothing vouches for the rest.");
        }

        return (true, chain);

        void Add(bool isDamage, string found) => _findings.Add(new StoreFinding(
            StoreFindingKind.ArchiveDamaged, isDamage, null, NameOf(path), found, "The keys work without it; to have the history whole, take it from a backup: docs/runbooks/restore.md."));
    }
}

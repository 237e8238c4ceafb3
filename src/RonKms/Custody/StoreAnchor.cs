using System.Security.Cryptography;
using System.Text;
using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>One store's head in its rollback anchor: checked against the journal at open, and moved on with it. One thread at a time.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 4.</remarks>
internal sealed class StoreAnchor
{
    /// <summary>How journals name that there is no anchor.</summary>
    internal const string None = "none";

    /// <summary>Where messages send their reader.</summary>
    internal const string Runbook = "docs/runbooks/rollback.md tells an old copy of the store from a lost anchor, and how to go on.";

    private readonly IRollbackAnchor _anchor;
    private readonly StoreKey _storeKey;
    private readonly string _location;
    private AnchorHead? _known;
    private bool _isAuthentic;

    /// <summary>Reads what the anchor knows of a store.</summary>
    /// <exception cref="ArgumentException">The anchor's kind is no name.</exception>
    internal StoreAnchor(IRollbackAnchor anchor, StoreKey storeKey, string location)
    {
        Kind = anchor.Kind;
        if (!KeyId.IsLabel(Kind) || Kind == None)
        {
            throw new ArgumentException($"An anchor's kind has 1 to 64 of A-Z a-z 0-9 . _ - and is not '{None}'.", nameof(anchor));
        }

        _anchor = anchor;
        _storeKey = storeKey;
        _location = location;
        _known = anchor.Read(storeKey.StoreId);
        _isAuthentic = _known is not null && IsAuthentic(_known);
    }

    private StoreAnchor(StoreAnchor earlier, StoreKey storeKey)
    {
        Kind = earlier.Kind;
        _anchor = earlier._anchor;
        _storeKey = storeKey;
        _location = earlier._location;
        _known = earlier._known;
    }

    internal string Kind { get; }

    /// <summary>Whether the anchor knows anything of the store.</summary>
    internal bool IsKnown => _known is not null;

    /// <summary>The line that the anchor vouches for; 0 where it does for none.</summary>
    internal long Seq => _isAuthentic ? _known!.Seq : 0;

    /// <summary>The same place in the anchor, for a generation under another store key. What it knows is not yet authentic under that.</summary>
    internal StoreAnchor Under(StoreKey storeKey) => new(this, storeKey);

    /// <summary>Whether the anchor keeps what was last read from it or written to it.</summary>
    internal bool IsAsLeft() => _anchor.Read(_storeKey.StoreId) == _known;

    /// <summary>Refuses a journal that does not hold the anchor's line. Changes nothing.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.Rollback"/></exception>
    internal void RequireHeldBy(JournalReplay replay)
    {
        if (_known is null)
        {
            throw new KmsException(
                KmsError.Rollback,
                $"The journal of {_location} has an anchor ({Kind}), but the anchor given knows nothing of this store: it is lost, or it is another one. "
                + $"Nothing was changed. Check that the anchor's place is the right one and is mounted. {Runbook}");
        }

        // A new generation's first group vouches for the head it goes on from: the anchor may still be there, under the old store key's MAC.
        bool isAtOrigin = replay.Origin is { } from && from.Seq == _known.Seq && from.Head.ToString() == _known.Head;
        if (isAtOrigin && (_isAuthentic || replay.Head.Base == replay.Origin!.Seq))
        {
            return;
        }

        if (!_isAuthentic)
        {
            throw new KmsException(
                KmsError.Rollback,
                $"The anchor ({Kind}) of {_location} is not one that this store wrote: its MAC is wrong. Nothing was changed. It was changed or damaged, or belongs to another store. {Runbook}");
        }

        if (replay.AnchoredLine?.ToString() != _known.Head)
        {
            string journal = replay.Head.Seq < _known.Seq
                ? $"the journal ends with line {replay.Head.Seq}"
                : $"the journal's line {_known.Seq} is another one, and its last is line {replay.Head.Seq}";
            throw new KmsException(
                KmsError.Rollback,
                $"The store at {_location} is an older copy, or a fork: its anchor ({Kind}) knows line {_known.Seq}, and {journal}. "
                + $"Nothing was changed. Keep both as they are. {Runbook}");
        }
    }

    /// <summary>Moves the anchor on to a line that is durable in the journal; durable itself once this returns.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.Rollback"/>: somebody else moved it, or it is missing.</exception>
    internal void Advance(long seq, Digest line)
    {
        string head = line.ToString();
        AnchorHead next = new(_storeKey.StoreId, seq, head, MacOf(seq, head));
        if (!_anchor.TryAdvance(_known, next))
        {
            if (_known is not null && _anchor.Read(_storeKey.StoreId) is null)
            {
                throw new KmsException(
                    KmsError.Rollback,
                    $"The anchor ({Kind}) of {_location} is missing, which was there before, and none was made in its place. Line {seq} is not acknowledged, and nothing more is "
                    + $"written here. Check that the anchor's volume is mounted, and open the store again. {Runbook}");
            }

            throw new KmsException(
                KmsError.Rollback,
                $"The anchor ({Kind}) of {_location} was moved by somebody else: another copy of this store is being written to. "
                + $"Line {seq} of this one is not acknowledged, and nothing more is written here. Find out which copy is the right one. {Runbook}");
        }

        _known = next;
        _isAuthentic = true;
    }

    private bool IsAuthentic(AnchorHead head) =>
        head.StoreId == _storeKey.StoreId
        && Digest.TryParse(Encoding.ASCII.GetBytes(head.Head), out _)
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(MacOf(head.Seq, head.Head)), Encoding.ASCII.GetBytes(head.Mac));

    private string MacOf(long seq, string head)
    {
        Span<byte> mac = stackalloc byte[Digest.Size];
        _storeKey.MacAnchor(AnchorJson.WriteUnsigned(_storeKey.StoreId, seq, head), mac);
        return Convert.ToHexStringLower(mac);
    }
}

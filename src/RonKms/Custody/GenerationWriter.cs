using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Writes a later generation's journal: its first line, then a line a key version. Reads back each line that it writes.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, sections 2 and 3.</remarks>
internal sealed class GenerationWriter
{
    private readonly IGenerationBuilder _target;
    private readonly StoreKey _storeKey;
    private readonly GenerationOrigin _from;
    private readonly long _firstSeq;
    private readonly long _timeMs;
    private readonly JournalLineWriter _lines = new();

    /// <summary>Begins to write.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="storeKey">The generation's store key.</param>
    /// <param name="from">Where the journal goes on from.</param>
    /// <param name="afterSeq">A number that the first line's is above: the head's of <paramref name="from"/>, or a higher one that was seen elsewhere.</param>
    /// <param name="timeMs">The store's idea of now.</param>
    /// <param name="location">The place, for messages.</param>
    internal GenerationWriter(IGenerationBuilder target, StoreKey storeKey, GenerationOrigin from, long afterSeq, long timeMs, string location)
    {
        _target = target;
        _storeKey = storeKey;
        _from = from;
        _firstSeq = Math.Max(from.Seq, afterSeq) + 1;
        _timeMs = timeMs;
        Replay = new JournalReplay(storeKey, target.Number, location);
    }

    /// <summary>What was written, as an open would read it.</summary>
    internal JournalReplay Replay { get; }

    /// <summary>Writes the first line.</summary>
    internal void Begin(byte[] description, string reason, string anchor) => Write(new CustodyEvent
    {
        Op = CustodyOp.OpenStore,
        Store = Digest.Of(description),
        StoreId = _storeKey.StoreId,
        Anchor = anchor,
        From = _from,
        Reason = reason,
    });

    /// <summary>Writes a version's line, and its record where there is one.</summary>
    /// <param name="version">The version, as the journal that is replaced tells of it.</param>
    /// <param name="state">Its state from now on.</param>
    /// <param name="digest">Its record's digest; <see langword="null"/> where it is destroyed.</param>
    /// <param name="record">Its record, where there is one: of a destroyed version one that tells what is still to be removed from a device.</param>
    internal void Add(KeyVersion version, KeyState state, Digest? digest, byte[]? record)
    {
        Write(new CustodyEvent
        {
            Op = CustodyOp.State,
            Key = version.Id,
            State = state,
            NotAfterMs = version.NotAfterMs,
            PublicKey = version.PublicKeyDigest,
            Record = digest,
            Labels = version.Labels,
        });
        if (record is not null)
        {
            _target.AddRecord(new SealedRecord(version.Id.Uuid, version.Id.Version, record));
        }
    }

    /// <summary>Keeps what is left of a destroyed version.</summary>
    internal void AddRemains(KeyVersion version, ReadOnlyMemory<byte> remains) =>
        _target.AddRemains(new RecordRemoval(version.Id.Uuid, version.Id.Version, remains));

    /// <summary>Makes durable what was written; nothing of it counts yet.</summary>
    internal void MakeDurable() => _target.MakeDurable();

    /// <summary>Puts the generation in place.</summary>
    internal void Commit(byte[] description) => _target.Commit(description, _firstSeq);

    private void Write(CustodyEvent e)
    {
        JournalHead head = Replay.Head;
        bool isFirst = head.Seq == 0;
        byte[] line = _lines.Write(
            e with
            {
                Seq = isFirst ? _firstSeq : head.Seq + 1,
                Base = _from.Seq,
                Prev = isFirst ? _from.Head : head.Digest,
                TimeMs = _timeMs,
            },
            _storeKey);
        if (Replay.Follow(line) != 0)
        {
            throw new KmsException(KmsError.Internal, $"A line of generation {_target.Number} could not have been read back, so nothing was changed. Please report it.");
        }

        _target.Append(line);
    }
}

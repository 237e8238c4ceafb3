using System.Text;
using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>Takes a journal line's members apart.</summary>
/// <remarks>Takes the canonical text alone, so that an event could be written in no other way. Members, operations and algorithms that it does not know
/// it only notes.</remarks>
internal ref struct CustodyEventParser
{
    private readonly KeyId? _keyBefore;
    private CustodyOp? _op;
    private long _seq = -1;
    private long _base = -1;
    private long _timeMs = -1;
    private Digest? _prev;
    private Digest? _mac;
    private KeyAlgorithm? _algorithm;
    private KeyId? _key;
    private long? _notAfterMs;
    private Digest? _publicKey;
    private Digest? _record;
    private List<KeyValuePair<string, string>>? _labels;
    private KeyState? _state;
    private Digest? _store;
    private Guid? _storeId;
    private string? _anchor;
    private GenerationOrigin? _from;
    private string? _reason;
    private Digest? _annexDigest;
    private string? _annexType;

    /// <param name="keyBefore">The key of an earlier line, whose strings are used again.</param>
    internal CustodyEventParser(KeyId? keyBefore)
    {
        _keyBefore = keyBefore;
    }

    /// <summary>Whether a newer version of the format must have written the line.</summary>
    internal bool HoldsUnknown { get; private set; }

    /// <summary>What the line says its MAC is.</summary>
    internal readonly Digest? Mac => _mac;

    /// <exception cref="FormatException">It is not written as a line is.</exception>
    internal void Read(ReadOnlySpan<byte> line)
    {
        CanonicalJsonReader reader = new(line);
        reader.BeginObject();
        ReadOnlySpan<byte> name = default;
        while (reader.NextMember(ref name))
        {
            ReadMember(name, ref reader);
        }

        Require(reader.IsAtEnd);
        HoldsUnknown |= _op is { } op && HoldsMemberOfOther(op);
    }

    /// <summary>The event, where its members are those that its operation has.</summary>
    internal readonly CustodyEvent? ToEvent(bool allowIncomplete)
    {
        if (_seq < 1 || _base < 0 || _timeMs < 0 || _prev is null || (!allowIncomplete && !HasMembersOfOp()))
        {
            return null;
        }

        return new CustodyEvent
        {
            Op = _op ?? CustodyOp.Annex,
            Seq = _seq,
            Base = _base,
            Prev = _prev.Value,
            TimeMs = _timeMs,
            Key = _key,
            NotAfterMs = _notAfterMs ?? 0,
            PublicKey = _publicKey,
            Record = _record,
            Labels = _labels ?? (IReadOnlyList<KeyValuePair<string, string>>)[],
            State = _state,
            Store = _store,
            StoreId = _storeId,
            Anchor = _anchor,
            From = _from,
            Reason = _reason,
            AnnexDigest = _annexDigest,
            AnnexType = _annexType,
        };
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new FormatException();
        }
    }

    private static long ReadInteger(ref CanonicalJsonReader reader)
    {
        long value = reader.Integer();
        Require(value <= RonkCodec.MaxTimeMs);
        return value;
    }

    private static Digest ReadDigest(ref CanonicalJsonReader reader)
    {
        Require(Digest.TryParse(reader.Plain(), out Digest digest));
        return digest;
    }

    private void ReadMember(ReadOnlySpan<byte> name, ref CanonicalJsonReader reader)
    {
        switch (name)
        {
            case var _ when name.SequenceEqual("alg"u8): ReadAlgorithm(ref reader); break;
            case var _ when name.SequenceEqual("base"u8): _base = ReadInteger(ref reader); break;
            case var _ when name.SequenceEqual("kid"u8): ReadKey(ref reader); break;
            case var _ when name.SequenceEqual("mac"u8): _mac = ReadDigest(ref reader); break;
            case var _ when name.SequenceEqual("not_after_ms"u8): _notAfterMs = ReadInteger(ref reader); break;
            case var _ when name.SequenceEqual("op"u8):
                _op = JournalNames.FindOp(reader.Plain());
                HoldsUnknown |= _op is null;
                break;
            case var _ when name.SequenceEqual("prev"u8): _prev = ReadDigest(ref reader); break;
            case var _ when name.SequenceEqual("public"u8): _publicKey = ReadDigest(ref reader); break;
            case var _ when name.SequenceEqual("record"u8): _record = ReadDigest(ref reader); break;
            case var _ when name.SequenceEqual("seq"u8): _seq = ReadInteger(ref reader); break;
            case var _ when name.SequenceEqual("time_ms"u8): _timeMs = ReadInteger(ref reader); break;
            case var _ when name.SequenceEqual("labels"u8): ReadLabels(ref reader); break;
            case var _ when name.SequenceEqual("state"u8): _state = JournalNames.FindState(reader.Plain()) ?? throw new FormatException(); break;
            case var _ when name.SequenceEqual("store"u8): _store = ReadDigest(ref reader); break;
            case var _ when name.SequenceEqual("store_id"u8): ReadStoreId(ref reader); break;
            case var _ when name.SequenceEqual("anchor"u8): _anchor = reader.Text(); break;
            case var _ when name.SequenceEqual("from"u8): ReadOrigin(ref reader); break;
            case var _ when name.SequenceEqual("reason"u8): _reason = reader.Text(); break;
            case var _ when name.SequenceEqual("digest"u8): _annexDigest = ReadDigest(ref reader); break;
            case var _ when name.SequenceEqual("type"u8): _annexType = reader.Text(); break;
            default:
                HoldsUnknown = true;
                reader.Skip();
                break;
        }
    }

    private void ReadAlgorithm(ref CanonicalJsonReader reader)
    {
        Span<char> buffer = stackalloc char[KeyId.MaxLength];
        ReadOnlySpan<char> name = Characters(reader.Plain(), buffer);
        _algorithm = KeyAlgorithm.FindByName(name);
        Require(_algorithm is null || name.SequenceEqual(_algorithm.Name));
        HoldsUnknown |= _algorithm is null;
    }

    private void ReadKey(ref CanonicalJsonReader reader)
    {
        // A key of an algorithm that this version does not know cannot be parsed, and must not pass for damage.
        Span<char> buffer = stackalloc char[KeyId.MaxLength];
        ReadOnlySpan<char> text = Characters(reader.Plain(), buffer);
        if (KeyId.TryRead(text, _keyBefore, out KeyId? key))
        {
            Require(!key.IsLatest && key.IsPrinted(text));
            _key = key;
        }
        else
        {
            string[] parts = text.ToString().Split('/');
            Require(parts.Length == 4 && KeyAlgorithm.FindByName(parts[2]) is null);
            HoldsUnknown = true;
        }
    }

    private static ReadOnlySpan<char> Characters(ReadOnlySpan<byte> utf8, Span<char> buffer)
    {
        Require(utf8.Length <= buffer.Length && Ascii.IsValid(utf8));
        return buffer[..Encoding.ASCII.GetChars(utf8, buffer)];
    }

    private void ReadStoreId(ref CanonicalJsonReader reader)
    {
        ReadOnlySpan<byte> text = reader.Plain();
        Span<byte> printed = stackalloc byte[36];
        Require(Guid.TryParseExact(Encoding.UTF8.GetString(text), "D", out Guid id) && id.TryFormat(printed, out _) && text.SequenceEqual(printed));
        _storeId = id;
    }

    private void ReadLabels(ref CanonicalJsonReader reader)
    {
        _labels = [];
        reader.BeginObject();
        ReadOnlySpan<byte> name = default;
        while (reader.NextMember(ref name))
        {
            _labels.Add(new(Encoding.UTF8.GetString(name), reader.Text()));
        }

        Require(_labels.Count > 0);
    }

    private void ReadOrigin(ref CanonicalJsonReader reader)
    {
        long generation = 0;
        long seq = 0;
        Digest? head = null;
        reader.BeginObject();
        ReadOnlySpan<byte> name = default;
        while (reader.NextMember(ref name))
        {
            switch (name)
            {
                case var _ when name.SequenceEqual("gen"u8): generation = ReadInteger(ref reader); break;
                case var _ when name.SequenceEqual("head"u8): head = ReadDigest(ref reader); break;
                case var _ when name.SequenceEqual("seq"u8): seq = ReadInteger(ref reader); break;
                default:
                    HoldsUnknown = true;
                    reader.Skip();
                    break;
            }
        }

        Require(generation >= 1 && seq >= 1 && head is not null);
        _from = new GenerationOrigin(generation, seq, head!.Value);
    }

    private static bool DescribesVersion(CustodyOp op) => op is CustodyOp.Create or CustodyOp.Import or CustodyOp.Rotate or CustodyOp.State;

    private static bool NamesVersion(CustodyOp op) => DescribesVersion(op) || op is CustodyOp.Disable or CustodyOp.Enable or CustodyOp.Destroy;

    /// <summary>Whether there is a member that this operation does not have: as unknown there as one that no operation has.</summary>
    private readonly bool HoldsMemberOfOther(CustodyOp op)
    {
        bool opens = op == CustodyOp.OpenStore;
        return (!NamesVersion(op) && _key is not null)
            || (!DescribesVersion(op)
                && (_algorithm is not null || _notAfterMs is not null || _record is not null || _publicKey is not null || _labels is not null))
            || (op != CustodyOp.State && _state is not null)
            || (!opens && op != CustodyOp.Rewrap && _store is not null)
            || (!opens && op != CustodyOp.Anchor && _anchor is not null)
            || (!opens && (_storeId is not null || _from is not null || _reason is not null))
            || (op != CustodyOp.Annex && (_annexDigest is not null || _annexType is not null));
    }

    /// <summary>Whether all members are there that the operation needs, given that there are no others.</summary>
    private readonly bool HasMembersOfOp()
    {
        if (_op is not { } op || (_key is not null) != NamesVersion(op))
        {
            return false;
        }

        if (DescribesVersion(op))
        {
            return ReferenceEquals(_algorithm, _key!.Algorithm)
                && _notAfterMs is not null
                && (_record is not null) == (_state != KeyState.Destroyed)
                && (_publicKey is not null) == _key.Algorithm.IsAsymmetric
                && (_state is not null) == (op == CustodyOp.State);
        }

        return op switch
        {
            CustodyOp.OpenStore => _store is not null && _storeId is not null && _anchor is not null && (_reason is not null) == (_from is not null),
            CustodyOp.Rewrap => _store is not null,
            CustodyOp.Anchor => _anchor is not null,
            CustodyOp.Annex => _annexDigest is not null && _annexType is not null,
            _ => true,
        };
    }
}

using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms.Tests.Custody;

/// <summary>Writes stores as a holder of the store's key could, with ids, secrets and events that a test chooses.</summary>
internal sealed class CraftedStore : IDisposable
{
    private const long Start = 1_735_689_600_000;

    private readonly JournalLineWriter _writer = new();
    private readonly List<byte[]> _lines = [];
    private readonly StoreKey _storeKey;
    private readonly byte[] _kek = new byte[32];
    private Digest _prev;

    internal CraftedStore()
    {
        _storeKey = StoreKey.Generate();
        Random.Shared.NextBytes(_kek);
        using KeyEncryptionKey kek = Kek();
        Image.Description = StoreDescription.Write(_storeKey, generation: 1, kek);
        Add(new CustodyEvent { Op = CustodyOp.OpenStore, Store = Digest.Of(Image.Description), StoreId = _storeKey.StoreId, Anchor = "none" });
    }

    /// <summary>The store as it is now.</summary>
    internal ImageStore Image { get; } = new();

    internal StoreKey StoreKey => _storeKey;

    internal IReadOnlyList<byte[]> Lines => _lines;

    internal Sealer Sealer => new(_storeKey);

    internal KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(_kek);

    /// <summary>Opens a copy with the public API.</summary>
    internal Keystore Open(KeystoreOptions? options = null) => Keystore.Open(Image.Copy(), Kek(), options);

    /// <summary>Appends an event in its right place in the chain.</summary>
    /// <param name="e">What happened; sequence number, chain and, where it is 0, time are filled in.</param>
    internal void Add(CustodyEvent e)
    {
        int seq = _lines.Count + 1;
        byte[] line = _writer.Write(e with { Seq = seq, Base = seq - 1, Prev = _prev, TimeMs = e.TimeMs == 0 ? Start + (seq * 1000) : e.TimeMs }, _storeKey);
        _prev = Digest.Of(line.AsSpan(0, line.Length - 1));
        _lines.Add(line);
        Image.Journal = [.. Image.Journal, .. line];
    }

    /// <summary>Adds a key version with a record and a line of its own.</summary>
    internal void AddKey(KeyId id, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey = default, long notAfterMs = 0, CustodyOp op = CustodyOp.Create)
    {
        byte[] record = Sealer.Seal(new RecordBody(id, RecordKind.Secret, secret), publicKey, Start, notAfterMs);
        AddRecord(id, record, publicKey.IsEmpty ? null : Digest.Of(publicKey), notAfterMs, op);
    }

    /// <summary>Adds a key version with record bytes that the test made.</summary>
    internal void AddRecord(KeyId id, byte[] record, Digest? publicKey, long notAfterMs = 0, CustodyOp op = CustodyOp.Create)
    {
        Image.Records[(id.Uuid, id.Version)] = record;
        Add(new CustodyEvent { Op = op, Key = id, NotAfterMs = notAfterMs, PublicKey = publicKey, Record = Digest.Of(record) });
    }

    public void Dispose() => _storeKey.Dispose();
}

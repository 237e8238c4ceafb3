namespace RonKms.Benchmarks.Store;

/// <summary>Signs with keys that are not held ready: each signature reads its key's record and unseals it.</summary>
internal sealed class FirstUses : IDisposable
{
    // Far apart in the store, and never the same one twice in a row.
    private const int Step = 7_919;

    private readonly Keystore _kms;
    private readonly KeyId[] _keys;
    private readonly byte[] _signature = new byte[64];
    private int _next;

    private FirstUses(StoreOfKeys store)
    {
        // One key is held: the next use of another one wipes it.
        _kms = store.Open(new KeystoreOptions { OpenedKeyLimit = 1 });
        _keys = [.. _kms.List().Select(info => info.Id)];
    }

    internal static FirstUses Of(StoreOfKeys store) => new(store);

    internal void Sign(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _next = (_next + Step) % _keys.Length;
            _kms.Sign(_keys[_next], "message"u8, _signature, out _);
        }
    }

    internal int List() => _kms.List().Count;

    public void Dispose() => _kms.Dispose();
}

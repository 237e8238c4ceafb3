namespace RonKms.PostQuantum;

/// <summary>Public keys used more than once of late, made ready for use: for both lattice schemes that is a good half of the work.</summary>
/// <remarks>
/// Thread-safe and lock-free. A fixed number of keys; one that falls on a taken place takes it over. A key is kept from its second use on,
/// so that keys used once cost no memory and no allocation. Public keys only, and nothing that depends on a secret.
/// </remarks>
/// <typeparam name="TWord">The words of a ready key.</typeparam>
internal sealed class PublicKeyCache<TWord>
    where TWord : unmanaged
{
    /// <summary>How many keys are kept at most; a power of two.</summary>
    internal const int Capacity = 32;

    private readonly Entry?[] _entries = new Entry?[Capacity];
    private readonly int[] _seen = new int[Capacity];
    private readonly int _size;
    private readonly Fill _fill;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="size">The words of a ready key.</param>
    /// <param name="fill">Makes a key ready.</param>
    internal PublicKeyCache(int size, Fill fill)
    {
        _size = size;
        _fill = fill;
    }

    /// <summary>Makes a key ready.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <param name="room">Receives the ready key.</param>
    /// <returns>Whether the key is valid.</returns>
    internal delegate bool Fill(ReadOnlySpan<byte> publicKey, Span<TWord> room);

    /// <summary>Finds a key.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <returns>The ready key, which must not be changed; or nothing, where it is used for the first time or is not valid.</returns>
    internal Span<TWord> Find(ReadOnlySpan<byte> publicKey)
    {
        // Seeded anew in every process, so that nobody can choose keys that displace each other.
        HashCode hash = default;
        hash.AddBytes(publicKey);
        int code = hash.ToHashCode();
        int place = code & (Capacity - 1);
        Entry? entry = Volatile.Read(ref _entries[place]);
        if (entry is not null && publicKey.SequenceEqual(entry.PublicKey))
        {
            return entry.Ready;
        }

        if (Interlocked.Exchange(ref _seen[place], code) != code)
        {
            return default;
        }

        // Of the copy: what another thread does to the caller's memory meanwhile must not be kept under this key.
        entry = new Entry(publicKey.ToArray(), new TWord[_size]);
        if (!_fill(entry.PublicKey, entry.Ready))
        {
            return default;
        }

        Volatile.Write(ref _entries[place], entry);
        return entry.Ready;
    }

    private sealed record Entry(byte[] PublicKey, TWord[] Ready);
}

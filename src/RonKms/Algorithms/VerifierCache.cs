using System.Diagnostics.CodeAnalysis;

namespace RonKms.Algorithms;

/// <summary>Platform objects of the public keys verified with of late: making one costs several times what a verification does.</summary>
/// <remarks>
/// Thread-safe and lock-free. A fixed number of keys; one that falls on a taken place takes it over, and what was there is left to
/// the platform's own finalizers, because another thread may be using it. Public keys only.
/// </remarks>
/// <typeparam name="T">The platform's type.</typeparam>
internal sealed class VerifierCache<T>
    where T : class, IDisposable
{
    /// <summary>How many keys are kept at most; a power of two.</summary>
    internal const int Capacity = 64;

    private readonly Entry?[] _entries = new Entry?[Capacity];
    private readonly Func<byte[], bool> _isValid;
    private readonly Func<byte[], T> _make;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="isValid">Whether bytes are a public key; asked once a key.</param>
    /// <param name="make">Makes the object of a valid public key.</param>
    internal VerifierCache(Func<byte[], bool> isValid, Func<byte[], T> make)
    {
        _isValid = isValid;
        _make = make;
    }

    /// <summary>Finds the objects of a public key.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <param name="handles">Receives the objects.</param>
    /// <returns>Whether the key is valid.</returns>
    internal bool TryGet(ReadOnlySpan<byte> publicKey, [NotNullWhen(true)] out HandlePool<T>? handles)
    {
        // Seeded anew in every process, so that nobody can choose keys that displace each other.
        HashCode hash = default;
        hash.AddBytes(publicKey);
        ref Entry? place = ref _entries[hash.ToHashCode() & (Capacity - 1)];
        Entry? entry = Volatile.Read(ref place);
        if (entry is null || !publicKey.SequenceEqual(entry.PublicKey))
        {
            byte[] copy = publicKey.ToArray();
            if (!_isValid(copy))
            {
                handles = null;
                return false;
            }

            entry = new Entry(copy, new HandlePool<T>(() => _make(copy)));
            Volatile.Write(ref place, entry);
        }

        handles = entry.Handles;
        return true;
    }

    private sealed record Entry(byte[] PublicKey, HandlePool<T> Handles);
}

using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>An opened key of a message authentication code. Thread-safe.</summary>
public abstract class MacKey : OpenedKey
{
    private const int MaxMacSize = 64;

    /// <summary>Creates an opened key of an algorithm.</summary>
    /// <param name="algorithm">Its algorithm.</param>
    protected MacKey(MacAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        Algorithm = algorithm;
    }

    /// <summary>The key's algorithm.</summary>
    public MacAlgorithm Algorithm { get; }

    /// <summary>Computes the code of a message.</summary>
    /// <param name="data">The message.</param>
    /// <param name="destination">Receives the code; at least <see cref="MacAlgorithm.MacSize"/> bytes. It may overlap the message, which is read first.</param>
    /// <returns>How many bytes the code has.</returns>
    /// <exception cref="ArgumentException">The destination is too small.</exception>
    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public int Compute(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        int size = Algorithm.MacSize;
        if (destination.Length < size)
        {
            throw new ArgumentException($"A code of {Algorithm.Id} takes {size} bytes.", nameof(destination));
        }

        Enter();
        try
        {
            return ComputeEntered(data, destination);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Compares a code in constant time with the right one.</summary>
    /// <param name="data">The message.</param>
    /// <param name="mac">The code; one of another length is wrong.</param>
    /// <returns>Whether the code is right.</returns>
    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac)
    {
        Enter();
        try
        {
            return VerifyEntered(data, mac);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Computes for a caller that has entered the key and checked the destination.</summary>
    internal int ComputeEntered(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        int size = Algorithm.MacSize;
        ComputeCore(data, destination[..size]);
        return size;
    }

    /// <summary>Compares for a caller that has entered the key.</summary>
    internal bool VerifyEntered(ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac)
    {
        Span<byte> right = stackalloc byte[MaxMacSize];
        int size = ComputeEntered(data, right);
        bool same = CryptographicOperations.FixedTimeEquals(right[..size], mac);
        CryptographicOperations.ZeroMemory(right);
        return same;
    }

    /// <summary>Computes the code of a message.</summary>
    /// <param name="data">The message.</param>
    /// <param name="destination">Receives the code, of the exact size, once the message is read to its end: the two may overlap.</param>
    protected abstract void ComputeCore(ReadOnlySpan<byte> data, Span<byte> destination);
}

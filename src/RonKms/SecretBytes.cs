using RonKms.Memory;

namespace RonKms;

/// <summary>Secret bytes in guarded memory: outside the managed heap, locked where the system allows it, wiped by <see cref="Dispose"/>.</summary>
/// <remarks>
/// The owner disposes it. Not thread-safe against its own disposal: a span from <see cref="Reveal"/> must not be used once
/// the instance is disposed, because the memory is wiped and given to the next secret.
/// </remarks>
public sealed class SecretBytes : IDisposable
{
    private readonly int _length;
    private SecretBlock? _block;

    private SecretBytes(SecretBlock block, int length)
    {
        _block = block;
        _length = length;
    }

    /// <summary>The length in bytes.</summary>
    public int Length => _length;

    /// <summary>Takes guarded memory, filled with zeros.</summary>
    /// <param name="length">The length in bytes, at least 0.</param>
    /// <returns>The buffer; the caller owns and disposes it.</returns>
    public static SecretBytes Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new SecretBytes(SecretHeap.Shared.Take(length), length);
    }

    /// <summary>Copies bytes into guarded memory. The source stays the caller's to wipe.</summary>
    /// <param name="source">The bytes to copy.</param>
    /// <returns>The buffer; the caller owns and disposes it.</returns>
    public static SecretBytes CopyOf(ReadOnlySpan<byte> source)
    {
        SecretBytes copy = Allocate(source.Length);
        source.CopyTo(copy.Reveal());
        return copy;
    }

    /// <summary>The secret itself. Every place where a secret becomes readable calls this.</summary>
    /// <returns>The bytes, valid until <see cref="Dispose"/>.</returns>
    /// <exception cref="ObjectDisposedException">The secret is already wiped.</exception>
    public Span<byte> Reveal()
    {
        SecretBlock? block = _block;
        ObjectDisposedException.ThrowIf(block is null, this);
        return block.Bytes[.._length];
    }

    /// <summary>Wipes the secret and gives the memory back.</summary>
    public void Dispose() => Interlocked.Exchange(ref _block, null)?.Release();
}

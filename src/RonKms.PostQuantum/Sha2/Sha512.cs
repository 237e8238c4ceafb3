using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.PostQuantum.Lanes;

namespace RonKms.PostQuantum.Sha2;

/// <summary>SHA-512, in pieces, with mid-states that can be copied: FIPS 180-4, section 6.4.</summary>
/// <remarks>
/// For inputs of a block or two after a common beginning, where the platform's functions spend their time on handles; no allocation.
/// Constant time: control flow follows lengths alone.
/// </remarks>
internal struct Sha512 : ISha2<Sha512>
{
    private const int Words = 16;
    private const int LengthSize = 16;

    private Chain _chain;
    private Block _block;
    private ulong _length;

    /// <inheritdoc/>
    public static int BlockSize => Words * sizeof(ulong);

    /// <inheritdoc/>
    public static int HashSize => 64;

    /// <inheritdoc/>
    public static int LaneCount => Sha2Lanes<ulong, Sha512Function>.Count;

    // FIPS 180-4, section 5.3.5.
    private static ReadOnlySpan<ulong> Initial =>
    [
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    ];

    /// <inheritdoc/>
    public static Sha512 Create()
    {
        Sha512 sha = default;
        Initial.CopyTo(sha._chain);
        return sha;
    }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> source)
    {
        Span<byte> block = MemoryMarshal.AsBytes((Span<ulong>)_block);
        int position = (int)(_length % (uint)block.Length);
        _length += (uint)source.Length;
        while (source.Length >= block.Length - position)
        {
            int taken = block.Length - position;
            source[..taken].CopyTo(block[position..]);
            source = source[taken..];
            position = 0;
            Compress();
        }

        source.CopyTo(block[position..]);
    }

    /// <inheritdoc/>
    public void Finish(Span<byte> destination)
    {
        Span<byte> block = MemoryMarshal.AsBytes((Span<ulong>)_block);
        int position = (int)(_length % (uint)block.Length);
        block[position++] = 0x80;
        if (position > block.Length - LengthSize)
        {
            block[position..].Clear();
            position = 0;
            Compress();
        }

        block[position..].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(block[^sizeof(ulong)..], _length * 8);
        Compress();

        Span<ulong> chain = _chain;
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(chain, chain);
        }

        MemoryMarshal.AsBytes(chain)[..destination.Length].CopyTo(destination);
    }

    /// <inheritdoc/>
    public readonly void FinishLanes(
        ReadOnlySpan<byte> prefixes, ReadOnlySpan<byte> messages, int count, Span<byte> destinations, scoped Span<byte> room) =>
        Sha2Lanes<ulong, Sha512Function>.Finish(_chain, _length, prefixes, messages, count, destinations, room);

    /// <inheritdoc/>
    public void Wipe() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<Sha512>(ref this)));

    private void Compress()
    {
        Span<ulong> words = _block;
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        Sha2Compression<ulong, Lane<ulong>, ulong, Sha512Function>.Compress(_chain, words);
    }

    [InlineArray(8)]
    private struct Chain
    {
        private ulong _word;
    }

    [InlineArray(Words)]
    private struct Block
    {
        private ulong _word;
    }
}

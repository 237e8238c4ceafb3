using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.PostQuantum.Lanes;

namespace RonKms.PostQuantum.Sha2;

/// <summary>SHA-256, in pieces, with mid-states that can be copied: FIPS 180-4, section 6.2.</summary>
/// <remarks>
/// For inputs of a block or two after a common beginning, where the platform's functions spend their time on handles; no allocation.
/// Constant time: control flow follows lengths alone.
/// </remarks>
internal struct Sha256 : ISha2<Sha256>
{
    private const int Words = 16;
    private const int LengthSize = 8;

    private Chain _chain;
    private Block _block;
    private ulong _length;

    /// <inheritdoc/>
    public static int BlockSize => Words * sizeof(uint);

    /// <inheritdoc/>
    public static int HashSize => 32;

    /// <inheritdoc/>
    public static int LaneCount => Sha2Lanes<uint, Sha256Function>.Count;

    // FIPS 180-4, section 5.3.3.
    private static ReadOnlySpan<uint> Initial =>
    [
        0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
    ];

    /// <inheritdoc/>
    public static Sha256 Create()
    {
        Sha256 sha = default;
        Initial.CopyTo(sha._chain);
        return sha;
    }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> source)
    {
        Span<byte> block = MemoryMarshal.AsBytes((Span<uint>)_block);
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
        Span<byte> block = MemoryMarshal.AsBytes((Span<uint>)_block);
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

        Span<uint> chain = _chain;
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(chain, chain);
        }

        MemoryMarshal.AsBytes(chain)[..destination.Length].CopyTo(destination);
    }

    /// <inheritdoc/>
    public readonly void FinishLanes(
        ReadOnlySpan<byte> prefixes, ReadOnlySpan<byte> messages, int count, Span<byte> destinations, scoped Span<byte> room) =>
        Sha2Lanes<uint, Sha256Function>.Finish(_chain, _length, prefixes, messages, count, destinations, room);

    /// <inheritdoc/>
    public void Wipe() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<Sha256>(ref this)));

    private void Compress()
    {
        Span<uint> words = _block;
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        Sha2Compression<uint, Lane<uint>, uint, Sha256Function>.Compress(_chain, words);
    }

    [InlineArray(8)]
    private struct Chain
    {
        private uint _word;
    }

    [InlineArray(Words)]
    private struct Block
    {
        private uint _word;
    }
}

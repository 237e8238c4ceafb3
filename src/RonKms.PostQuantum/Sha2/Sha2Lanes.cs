using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using RonKms.PostQuantum.Lanes;

namespace RonKms.PostQuantum.Sha2;

/// <summary>Hashes of several inputs of one size that begin alike, side by side.</summary>
/// <remarks>Constant time: control flow follows sizes alone.</remarks>
/// <typeparam name="TWord">The function's word.</typeparam>
/// <typeparam name="TFunction">The function.</typeparam>
internal static class Sha2Lanes<TWord, TFunction>
    where TWord : unmanaged, IBinaryInteger<TWord>
    where TFunction : ISha2Function<TWord>
{
    /// <summary>The working memory in bytes: chaining values and a block of each lane, and a block.</summary>
    internal const int Room = (MaxVectorSize * (ChainWords + BlockWords)) + MaxBlockSize;

    private const int MaxVectorSize = 64;
    private const int MaxBlockSize = 128;
    private const int ChainWords = 8;
    private const int BlockWords = 16;

    /// <summary>How many inputs go side by side.</summary>
    internal static int Count =>
        (Vector512.IsHardwareAccelerated ? 64 : Vector256.IsHardwareAccelerated ? 32 : Vector128.IsHardwareAccelerated ? 16 : Unsafe.SizeOf<TWord>())
        / Unsafe.SizeOf<TWord>();

    /// <summary>Ends inputs that begin alike: see <see cref="ISha2{TSelf}.FinishLanes"/>.</summary>
    /// <param name="chain">The chaining value of the common beginning.</param>
    /// <param name="length">The size of the common beginning in bytes.</param>
    /// <param name="prefixes">What comes next in each.</param>
    /// <param name="messages">What comes last in each.</param>
    /// <param name="count">How many inputs there are.</param>
    /// <param name="destinations">Receives the hashes or their beginnings.</param>
    /// <param name="room">Working memory.</param>
    /// <exception cref="InvalidOperationException">The common beginning does not end with a block.</exception>
    internal static void Finish(
        ReadOnlySpan<TWord> chain,
        ulong length,
        ReadOnlySpan<byte> prefixes,
        ReadOnlySpan<byte> messages,
        int count,
        Span<byte> destinations,
        Span<byte> room)
    {
        int blockSize = BlockWords * Unsafe.SizeOf<TWord>();
        if (length % (uint)blockSize != 0)
        {
            throw new InvalidOperationException("The common beginning does not end with a block.");
        }

        // A single input does not pay for all lanes.
        int lanes = count == 1 ? 1 : Count;
        Span<byte> block = room[..blockSize];
        Span<TWord> words = MemoryMarshal.Cast<byte, TWord>(room[MaxBlockSize..]);
        Span<TWord> chains = words.Slice(BlockWords * lanes, ChainWords * lanes);
        words = words[..(BlockWords * lanes)];
        for (int i = 0; i < ChainWords; i++)
        {
            chains.Slice(i * lanes, lanes).Fill(chain[i]);
        }

        int prefixSize = prefixes.Length / count;
        int messageSize = messages.Length / count;
        int size = prefixSize + messageSize;

        // FIPS 180-4, section 5.1: a one bit, zeros, and the length in two words.
        int blocks = (size + (2 * Unsafe.SizeOf<TWord>()) + blockSize) / blockSize;
        for (int start = 0; start < blocks * blockSize; start += blockSize)
        {
            for (int lane = 0; lane < count; lane++)
            {
                block.Clear();
                int at = 0;
                if (start == 0)
                {
                    prefixes.Slice(lane * prefixSize, prefixSize).CopyTo(block);
                    at = prefixSize;
                }

                int from = start + at - prefixSize;
                int taken = Math.Clamp(messageSize - from, 0, blockSize - at);
                messages.Slice((lane * messageSize) + Math.Min(from, messageSize), taken).CopyTo(block[at..]);
                if ((uint)(size - start) < (uint)blockSize)
                {
                    block[size - start] = 0x80;
                }

                if (start == (blocks - 1) * blockSize)
                {
                    BinaryPrimitives.WriteUInt64BigEndian(block[^sizeof(ulong)..], (length + (uint)size) * 8);
                }

                ReadOnlySpan<TWord> blockWords = MemoryMarshal.Cast<byte, TWord>(block);
                for (int i = 0; i < BlockWords; i++)
                {
                    words[(i * lanes) + lane] = BigEndian(blockWords[i]);
                }
            }

            Compress(chains, words, lanes);
        }

        int hashSize = destinations.Length / count;
        for (int lane = 0; lane < count; lane++)
        {
            Span<TWord> hash = MemoryMarshal.Cast<byte, TWord>(destinations.Slice(lane * hashSize, hashSize));
            for (int i = 0; i < hash.Length; i++)
            {
                hash[i] = BigEndian(chains[(i * lanes) + lane]);
            }
        }
    }

    private static void Compress(Span<TWord> chains, Span<TWord> words, int lanes)
    {
        if (lanes == 1)
        {
            Sha2Compression<TWord, Lane<TWord>, TWord, TFunction>.Compress(chains, words);
        }
        else if (Vector512.IsHardwareAccelerated)
        {
            Sha2Compression<Vector512<TWord>, Lanes512<TWord>, TWord, TFunction>.Compress(
                MemoryMarshal.Cast<TWord, Vector512<TWord>>(chains), MemoryMarshal.Cast<TWord, Vector512<TWord>>(words));
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Sha2Compression<Vector256<TWord>, Lanes256<TWord>, TWord, TFunction>.Compress(
                MemoryMarshal.Cast<TWord, Vector256<TWord>>(chains), MemoryMarshal.Cast<TWord, Vector256<TWord>>(words));
        }
        else
        {
            Sha2Compression<Vector128<TWord>, Lanes128<TWord>, TWord, TFunction>.Compress(
                MemoryMarshal.Cast<TWord, Vector128<TWord>>(chains), MemoryMarshal.Cast<TWord, Vector128<TWord>>(words));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWord BigEndian(TWord word)
    {
        if (!BitConverter.IsLittleEndian)
        {
            return word;
        }

        return typeof(TWord) == typeof(uint)
            ? TWord.CreateTruncating(BinaryPrimitives.ReverseEndianness(uint.CreateTruncating(word)))
            : TWord.CreateTruncating(BinaryPrimitives.ReverseEndianness(ulong.CreateTruncating(word)));
    }
}

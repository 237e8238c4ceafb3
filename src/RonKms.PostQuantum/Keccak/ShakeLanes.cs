using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RonKms.PostQuantum.Keccak;

/// <summary>SHAKE128 or SHAKE256 of several inputs of one length side by side, a block at a time: FIPS 202, section 6.2.</summary>
/// <remarks>
/// <code>
/// using ShakeLanes shakes = new(stackalloc ulong[ShakeLanes.StateWords], Shake.Rate128);
/// shakes.Begin(seed, suffixSize: 2);
/// shakes.SetSuffix(lane: 0, seed.Length, 1);
/// shakes.Permute();
/// shakes.Read(lane: 0, block);
/// </code>
/// There are <see cref="Count"/> lanes; those that are not given an input are worked on for nothing. The states are the caller's and are
/// wiped by <see cref="Dispose"/>. Constant time: control flow follows lengths alone.
/// </remarks>
internal readonly ref struct ShakeLanes
{
    /// <summary>The most lanes of any width.</summary>
    internal const int MaxCount = 8;

    /// <summary>The words of 64 bits that a caller provides.</summary>
    internal const int StateWords = MaxCount * KeccakPermutation.Lanes;

    // The domain bits 1111, then the padding's first 1.
    private const byte Suffix = 0x1F;

    private readonly Span<ulong> _states;
    private readonly int _rateWords;

    /// <summary>Lays the functions over their states.</summary>
    /// <param name="states">Room for the states, exactly <see cref="StateWords"/> words; need not be clear.</param>
    /// <param name="rate">The size of a block: <see cref="Shake.Rate128"/> or <see cref="Shake.Rate256"/>.</param>
    internal ShakeLanes(Span<ulong> states, int rate)
    {
        _states = states[..(Count * KeccakPermutation.Lanes)];
        _rateWords = rate / sizeof(ulong);
    }

    /// <summary>How many inputs go side by side.</summary>
    internal static int Count => KeccakPermutation.Width;

    /// <summary>Takes whole inputs but for what <see cref="SetSuffix"/> adds to each: a seed, the same for all. Less than a block.</summary>
    /// <param name="seed">The seed, a multiple of 8 bytes.</param>
    /// <param name="suffixSize">The size of a suffix in bytes, 1 or 2.</param>
    internal void Begin(ReadOnlySpan<byte> seed, int suffixSize)
    {
        Clear();
        for (int i = 0; i < seed.Length; i += sizeof(ulong))
        {
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(seed[i..]);
            foreach (ref ulong word in Word(i / sizeof(ulong)))
            {
                word = value;
            }
        }

        Pad(seed.Length + suffixSize);
    }

    /// <summary>Adds what a lane's input ends with.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="seedSize">The size of the seed in bytes.</param>
    /// <param name="suffix">The suffix as a little-endian number.</param>
    internal void SetSuffix(int lane, int seedSize, ushort suffix) => Word(seedSize / sizeof(ulong))[lane] ^= suffix;

    /// <summary>Forgets every input.</summary>
    internal void Clear() => _states.Clear();

    /// <summary>Adds bytes to a lane's block.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="position">Where in the block, a multiple of 8.</param>
    /// <param name="bytes">The bytes, a multiple of 8; they must not go beyond the block.</param>
    internal void Xor(int lane, int position, ReadOnlySpan<byte> bytes)
    {
        int at = (position / sizeof(ulong) * Count) + lane;
        for (; !bytes.IsEmpty; bytes = bytes[sizeof(ulong)..], at += Count)
        {
            _states[at] ^= BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        }
    }

    /// <summary>Ends every input.</summary>
    /// <param name="position">Where in the block the inputs end.</param>
    internal void Pad(int position)
    {
        foreach (ref ulong word in Word(position / sizeof(ulong)))
        {
            word ^= (ulong)Suffix << (8 * (position % sizeof(ulong)));
        }

        foreach (ref ulong word in Word(_rateWords - 1))
        {
            word ^= 1UL << 63;
        }
    }

    /// <summary>Goes on to the next block of every lane.</summary>
    internal void Permute() => KeccakPermutation.PermuteAll(_states);

    /// <summary>Reads a lane's block, or its beginning.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="destination">Receives at most a block; a multiple of 8 bytes.</param>
    internal void Read(int lane, Span<byte> destination)
    {
        for (int at = lane; !destination.IsEmpty; destination = destination[sizeof(ulong)..], at += Count)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination, _states[at]);
        }
    }

    /// <summary>Wipes the states.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_states));

    private Span<ulong> Word(int index) => _states.Slice(index * Count, Count);
}

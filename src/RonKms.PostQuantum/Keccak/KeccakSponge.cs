using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RonKms.PostQuantum.Keccak;

/// <summary>The sponge over Keccak-f[1600] that SHAKE and SHA-3 share: FIPS 202, section 4.</summary>
/// <remarks>
/// The state is the caller's, so that no copy of it is ever made; <see cref="Wipe"/> clears it. Constant time: control flow follows
/// lengths alone.
/// </remarks>
internal ref struct KeccakSponge
{
    private readonly Span<ulong> _state;
    private readonly int _rate;
    private readonly byte _suffix;

    // Where in the block the next byte goes in or comes out.
    private int _position;
    private bool _isSqueezing;

    /// <summary>Starts a sponge.</summary>
    /// <param name="state">Room for the state, exactly <see cref="KeccakPermutation.Lanes"/> lanes; cleared here.</param>
    /// <param name="rate">The size of a block in bytes, a multiple of 8.</param>
    /// <param name="suffix">The function's domain bits and the first bit of the padding.</param>
    internal KeccakSponge(Span<ulong> state, int rate, byte suffix)
    {
        _state = state[..KeccakPermutation.Lanes];
        _state.Clear();
        _rate = rate;
        _suffix = suffix;
    }

    private readonly Span<byte> Block => MemoryMarshal.AsBytes(_state)[.._rate];

    /// <summary>Takes input in.</summary>
    /// <param name="source">The next piece of the input.</param>
    internal void Absorb(scoped ReadOnlySpan<byte> source)
    {
        if (_isSqueezing)
        {
            throw new InvalidOperationException("The sponge already gives output.");
        }

        while (source.Length >= _rate - _position)
        {
            int taken = _rate - _position;
            Xor(source[..taken], Block[_position..]);
            source = source[taken..];
            Permute();
        }

        Xor(source, Block[_position..]);
        _position += source.Length;
    }

    /// <summary>Gives output; the first call ends the input.</summary>
    /// <param name="destination">Receives the next piece of the output.</param>
    internal void Squeeze(scoped Span<byte> destination)
    {
        if (!_isSqueezing)
        {
            Span<byte> block = Block;
            block[_position] ^= _suffix;
            block[^1] ^= 0x80;
            _isSqueezing = true;
            _position = _rate;
        }

        while (!destination.IsEmpty)
        {
            if (_position == _rate)
            {
                Permute();
            }

            int given = Math.Min(destination.Length, _rate - _position);
            Block.Slice(_position, given).CopyTo(destination);
            destination = destination[given..];
            _position += given;
        }
    }

    /// <summary>Starts again with an empty input.</summary>
    internal void Reset()
    {
        _state.Clear();
        _position = 0;
        _isSqueezing = false;
    }

    /// <summary>Wipes the state.</summary>
    internal readonly void Wipe() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_state));

    private static void Xor(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        while (source.Length >= sizeof(ulong))
        {
            ulong word = MemoryMarshal.Read<ulong>(source) ^ MemoryMarshal.Read<ulong>(destination);
            MemoryMarshal.Write(destination, word);
            source = source[sizeof(ulong)..];
            destination = destination[sizeof(ulong)..];
        }

        for (int i = 0; i < source.Length; i++)
        {
            destination[i] ^= source[i];
        }
    }

    private void Permute()
    {
        // Between permutations the lanes are little-endian bytes.
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(_state, _state);
        }

        KeccakPermutation.Permute(_state);
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(_state, _state);
        }

        _position = 0;
    }
}

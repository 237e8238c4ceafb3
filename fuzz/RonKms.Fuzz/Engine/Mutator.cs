using System.Buffers.Binary;
using System.Text;

namespace RonKms.Fuzz.Engine;

/// <summary>Changes inputs: bits, bytes, numbers, blocks, words, and parts of other inputs, one to sixteen changes at a time.</summary>
/// <remarks>The same seed makes the same changes. What it gives is valid until it is called again.</remarks>
internal sealed class Mutator
{
    private static readonly long[] s_numbers =
    [
        0, 1, -1, 2, 16, 32, 64, 100, 127, 128, 255, 256, 512, 1000, 1024, 4096, 32767, 32768, 65535, 65536, 100_663_045,
        int.MaxValue, int.MinValue, uint.MaxValue, (1L << 53) - 1, 1L << 53, long.MaxValue, long.MinValue,
    ];

    private readonly Random _random;
    private readonly byte[][] _tokens;
    private readonly byte[] _buffer;
    private readonly byte[] _block;
    private int _length;

    internal Mutator(Random random, IEnumerable<string> tokens, int maxSize)
    {
        _random = random;
        _tokens = [.. tokens.Select(Encoding.UTF8.GetBytes)];
        _buffer = new byte[maxSize];
        _block = new byte[maxSize];
    }

    private Span<byte> Input => _buffer.AsSpan(0, _length);

    /// <summary>Changes an input.</summary>
    /// <param name="input">The input, which stays as it is.</param>
    /// <param name="other">Another one, parts of which may be put in.</param>
    internal ReadOnlySpan<byte> Mutate(ReadOnlySpan<byte> input, ReadOnlySpan<byte> other)
    {
        _length = Math.Min(input.Length, _buffer.Length);
        input[.._length].CopyTo(_buffer);
        for (int changes = 1 << _random.Next(5); changes > 0; changes--)
        {
            Change(other);
        }

        return Input;
    }

    private void Change(ReadOnlySpan<byte> other)
    {
        int kind = _random.Next(_tokens.Length > 0 ? 14 : 11);
        if (_length == 0)
        {
            kind = 8;
        }

        switch (kind)
        {
            case 0: Input[At()] ^= (byte)(1 << _random.Next(8)); break;
            case 1: Input[At()] = (byte)_random.Next(256); break;
            case 2: Input[At()] += (byte)_random.Next(-35, 36); break;
            case 3: AddToNumber(); break;
            case 4: SetNumber(); break;
            case 5: SetDigits(); break;
            case 6: Replace(Block(), []); break;
            case 7: Insert(Input[Block()]); break;
            case 8: InsertRandom(); break;
            case 9: Overwrite(Input[Block()]); break;
            case 10: Splice(other); break;
            case 11: Insert(Token()); break;
            case 12: Overwrite(Token()); break;
            default: Replace(Block(), Token()); break;
        }
    }

    private int At() => _random.Next(_length);

    private byte[] Token() => _tokens[_random.Next(_tokens.Length)];

    /// <summary>A part of the input, mostly a short one.</summary>
    private Range Block()
    {
        int start = At();
        int most = _length - start;
        int length = 1 + _random.Next(_random.Next(4) == 0 ? most : Math.Min(most, 16));
        return start..(start + length);
    }

    private void AddToNumber()
    {
        int width = 2 << _random.Next(3);
        if (_length >= width)
        {
            Span<byte> number = Input.Slice(_random.Next(_length - width + 1), width);
            bool isBig = _random.Next(2) == 0;
            Write(number, Read(number, isBig) + _random.Next(-35, 36), isBig);
        }
    }

    private void SetNumber()
    {
        int width = 1 << _random.Next(4);
        if (_length >= width)
        {
            Write(Input.Slice(_random.Next(_length - width + 1), width), s_numbers[_random.Next(s_numbers.Length)], _random.Next(2) == 0);
        }
    }

    /// <summary>Puts another decimal number in the place of one.</summary>
    private void SetDigits()
    {
        int start = Input[At()..].IndexOfAnyInRange((byte)'0', (byte)'9');
        if (start >= 0)
        {
            int end = Input[start..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            Span<byte> digits = stackalloc byte[20];
            bool fits = s_numbers[_random.Next(s_numbers.Length)].TryFormat(digits, out int length);
            Oracle.Holds(fits, "the longest number has 20 digits");
            Replace(start..(end < 0 ? _length : start + end), digits[..length]);
        }
    }

    private void InsertRandom()
    {
        Span<byte> bytes = stackalloc byte[1 + _random.Next(16)];
        if (_random.Next(2) == 0)
        {
            _random.NextBytes(bytes);
        }
        else
        {
            bytes.Fill((byte)_random.Next(256));
        }

        Insert(bytes);
    }

    /// <summary>Puts a part of another input in, or all of it from somewhere on behind the beginning of this one.</summary>
    private void Splice(ReadOnlySpan<byte> other)
    {
        if (other.IsEmpty)
        {
            return;
        }

        int start = _random.Next(other.Length);
        ReadOnlySpan<byte> part = other.Slice(start, 1 + _random.Next(other.Length - start));
        switch (_random.Next(3))
        {
            case 0: Insert(part); break;
            case 1: Overwrite(part); break;
            default: Replace(At().._length, other[start..]); break;
        }
    }

    private void Insert(ReadOnlySpan<byte> bytes)
    {
        int at = _random.Next(_length + 1);
        Replace(at..at, bytes);
    }

    private void Overwrite(ReadOnlySpan<byte> bytes)
    {
        int at = At();
        Replace(at..Math.Min(_length, at + bytes.Length), bytes);
    }

    private void Replace(Range range, ReadOnlySpan<byte> bytes)
    {
        (int start, int replaced) = range.GetOffsetAndLength(_length);
        int length = Math.Min(bytes.Length, _buffer.Length - (_length - replaced));
        bytes[..length].CopyTo(_block);
        _buffer.AsSpan(start + replaced, _length - start - replaced).CopyTo(_buffer.AsSpan(start + length));
        _block.AsSpan(0, length).CopyTo(_buffer.AsSpan(start));
        _length += length - replaced;
    }

    private static long Read(ReadOnlySpan<byte> number, bool isBig) => number.Length switch
    {
        2 => isBig ? BinaryPrimitives.ReadInt16BigEndian(number) : BinaryPrimitives.ReadInt16LittleEndian(number),
        4 => isBig ? BinaryPrimitives.ReadInt32BigEndian(number) : BinaryPrimitives.ReadInt32LittleEndian(number),
        _ => isBig ? BinaryPrimitives.ReadInt64BigEndian(number) : BinaryPrimitives.ReadInt64LittleEndian(number),
    };

    private static void Write(Span<byte> number, long value, bool isBig)
    {
        for (int i = 0; i < number.Length; i++)
        {
            number[isBig ? ^(i + 1) : i] = (byte)(value >> (8 * i));
        }
    }
}

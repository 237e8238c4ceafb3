using System.Buffers.Text;
using System.Text;

namespace RonKms.Sealing;

/// <summary>Writes canonical JSON (RFC 8785): objects, arrays, strings and integers, whose members the caller gives in order.</summary>
internal sealed class CanonicalJson
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private byte[] _buffer = new byte[512];
    private int _length;
    private bool _needsComma;

    internal ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    internal void Clear()
    {
        _length = 0;
        _needsComma = false;
    }

    internal void BeginObject()
    {
        Raw("{"u8);
        _needsComma = false;
    }

    internal void EndObject()
    {
        Raw("}"u8);
        _needsComma = true;
    }

    internal void BeginArray()
    {
        Raw("["u8);
        _needsComma = false;
    }

    internal void EndArray()
    {
        Raw("]"u8);
        _needsComma = true;
    }

    /// <summary>Puts in an element that is canonical JSON already.</summary>
    internal void Element(ReadOnlySpan<byte> canonical)
    {
        if (_needsComma)
        {
            Raw(","u8);
        }

        Raw(canonical);
        _needsComma = true;
    }

    /// <summary>Begins a member; its value comes next.</summary>
    internal void Name(ReadOnlySpan<byte> name)
    {
        if (_needsComma)
        {
            Raw(","u8);
        }

        Quoted(name);
        Raw(":"u8);
        _needsComma = false;
    }

    internal void Member(ReadOnlySpan<byte> name, ReadOnlySpan<byte> utf8)
    {
        Name(name);
        Quoted(utf8);
        _needsComma = true;
    }

    internal void Member(ReadOnlySpan<byte> name, ReadOnlySpan<char> value)
    {
        const int OnStack = 1024;
        int most = s_strictUtf8.GetMaxByteCount(value.Length);
        Span<byte> utf8 = most <= OnStack ? stackalloc byte[OnStack] : new byte[most];
        Member(name, utf8[..s_strictUtf8.GetBytes(value, utf8)]);
    }

    internal void Member(ReadOnlySpan<byte> name, long value)
    {
        Name(name);
        bool formatted = Utf8Formatter.TryFormat(value, Room(20), out int written);
        System.Diagnostics.Debug.Assert(formatted, "20 bytes hold any 64-bit integer");
        _length += written;
        _needsComma = true;
    }

    internal void HexMember(ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes)
    {
        Name(name);
        Raw("\""u8);
        bool encoded = Convert.TryToHexStringLower(bytes, Room(2 * bytes.Length), out int written);
        System.Diagnostics.Debug.Assert(encoded, "two digits a byte");
        _length += written;
        Raw("\""u8);
        _needsComma = true;
    }

    internal void Base64Member(ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes) => Member(name, Convert.ToBase64String(bytes));

    private void Raw(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Room(utf8.Length));
        _length += utf8.Length;
    }

    /// <summary>Where the next bytes go.</summary>
    private Span<byte> Room(int size)
    {
        if (_buffer.Length - _length < size)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + size));
        }

        return _buffer.AsSpan(_length);
    }

    private void Quoted(ReadOnlySpan<byte> utf8)
    {
        Raw("\""u8);
        int from = 0;
        for (int i = 0; i < utf8.Length; i++)
        {
            byte b = utf8[i];
            if (b is >= 0x20 and not (byte)'"' and not (byte)'\\')
            {
                continue;
            }

            Raw(utf8[from..i]);
            Escaped(b);
            from = i + 1;
        }

        Raw(utf8[from..]);
        Raw("\""u8);
    }

    private void Escaped(byte b)
    {
        switch (b)
        {
            case (byte)'"': Raw("\\\""u8); break;
            case (byte)'\\': Raw("\\\\"u8); break;
            case (byte)'\b': Raw("\\b"u8); break;
            case (byte)'\t': Raw("\\t"u8); break;
            case (byte)'\n': Raw("\\n"u8); break;
            case (byte)'\f': Raw("\\f"u8); break;
            case (byte)'\r': Raw("\\r"u8); break;
            default:
                Span<byte> code = [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', Digit(b >> 4), Digit(b & 0xF)];
                Raw(code);
                break;
        }

        static byte Digit(int value) => "0123456789abcdef"u8[value];
    }
}

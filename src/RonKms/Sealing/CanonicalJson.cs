using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace RonKms.Sealing;

/// <summary>Writes canonical JSON (RFC 8785): objects, arrays, strings and integers, whose members the caller gives in order.</summary>
internal sealed class CanonicalJson
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ArrayBufferWriter<byte> _buffer = new(512);
    private bool _needsComma;

    internal ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    internal void Clear()
    {
        _buffer.ResetWrittenCount();
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

    internal void Member(ReadOnlySpan<byte> name, string value) => Member(name, s_strictUtf8.GetBytes(value).AsSpan());

    internal void Member(ReadOnlySpan<byte> name, long value)
    {
        Name(name);
        bool formatted = Utf8Formatter.TryFormat(value, _buffer.GetSpan(20), out int written);
        System.Diagnostics.Debug.Assert(formatted, "20 bytes hold any 64-bit integer");
        _buffer.Advance(written);
        _needsComma = true;
    }

    internal void HexMember(ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes)
    {
        Span<byte> hex = stackalloc byte[64];
        bool encoded = Convert.TryToHexStringLower(bytes, hex, out int written);
        System.Diagnostics.Debug.Assert(encoded, "only digests and MACs are written in hex");
        Member(name, hex[..written]);
    }

    internal void Base64Member(ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes) => Member(name, Convert.ToBase64String(bytes));

    private void Raw(ReadOnlySpan<byte> utf8) => _buffer.Write(utf8);

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

using System.Formats.Asn1;

namespace RonKms.Algorithms;

/// <summary>Reads DER (X.690) in place, one value after the other. What is not DER raises <see cref="AsnContentException"/>.</summary>
/// <remarks>The platform's AsnReader wants managed memory, which a secret must not be in.</remarks>
internal ref struct DerReader
{
    private ReadOnlySpan<byte> _rest;

    internal DerReader(ReadOnlySpan<byte> source)
    {
        _rest = source;
    }

    /// <summary>Whether everything is read.</summary>
    internal readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Whether the next value has a tag.</summary>
    /// <param name="tag">The tag.</param>
    /// <returns><see langword="false"/> also at the end.</returns>
    internal readonly bool StartsWith(Asn1Tag tag) => !_rest.IsEmpty && Asn1Tag.Decode(_rest, out _) == tag;

    /// <summary>Enters a sequence.</summary>
    /// <returns>A reader of what it holds.</returns>
    internal DerReader ReadSequence()
    {
        AsnDecoder.ReadSequence(_rest, AsnEncodingRules.DER, out int offset, out int length, out int consumed);
        return new DerReader(Take(offset, length, consumed));
    }

    /// <summary>Enters a constructed value with a tag of its own.</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>A reader of what it holds.</returns>
    internal DerReader ReadConstructed(Asn1Tag tag)
    {
        AsnDecoder.ReadSequence(_rest, AsnEncodingRules.DER, out int offset, out int length, out int consumed, tag);
        return new DerReader(Take(offset, length, consumed));
    }

    /// <summary>Reads a value whole, tag and length included.</summary>
    /// <returns>Its encoding.</returns>
    internal ReadOnlySpan<byte> ReadEncodedValue()
    {
        AsnDecoder.ReadEncodedValue(_rest, AsnEncodingRules.DER, out _, out _, out int consumed);
        return Take(0, consumed, consumed);
    }

    /// <summary>Reads an octet string.</summary>
    /// <param name="tag">Its tag, where it has one of its own.</param>
    /// <returns>Its content.</returns>
    internal ReadOnlySpan<byte> ReadOctetString(Asn1Tag? tag = null)
    {
        if (!AsnDecoder.TryReadPrimitiveOctetString(_rest, AsnEncodingRules.DER, out ReadOnlySpan<byte> value, out int consumed, tag))
        {
            throw new AsnContentException();
        }

        Skip(consumed);
        return value;
    }

    /// <summary>Reads a bit string of whole bytes.</summary>
    /// <param name="tag">Its tag, where it has one of its own.</param>
    /// <returns>Its content.</returns>
    internal ReadOnlySpan<byte> ReadBitString(Asn1Tag? tag = null)
    {
        if (!AsnDecoder.TryReadPrimitiveBitString(
                _rest, AsnEncodingRules.DER, out int unusedBits, out ReadOnlySpan<byte> value, out int consumed, tag)
            || unusedBits != 0)
        {
            throw new AsnContentException();
        }

        Skip(consumed);
        return value;
    }

    /// <summary>Reads a small integer.</summary>
    /// <param name="value">Receives the integer.</param>
    /// <returns>Whether it fits.</returns>
    internal bool TryReadInt32(out int value)
    {
        bool fits = AsnDecoder.TryReadInt32(_rest, AsnEncodingRules.DER, out value, out int consumed);
        Skip(consumed);
        return fits;
    }

    /// <summary>Reads an integer that is not negative.</summary>
    /// <returns>Its big-endian bytes without the zero byte that keeps the sign.</returns>
    internal ReadOnlySpan<byte> ReadUnsignedInteger()
    {
        ReadOnlySpan<byte> value = AsnDecoder.ReadIntegerBytes(_rest, AsnEncodingRules.DER, out int consumed);
        if (value[0] >= 0x80)
        {
            throw new AsnContentException();
        }

        Skip(consumed);
        return value.Length > 1 && value[0] == 0 ? value[1..] : value;
    }

    private ReadOnlySpan<byte> Take(int offset, int length, int consumed)
    {
        ReadOnlySpan<byte> value = _rest.Slice(offset, length);
        Skip(consumed);
        return value;
    }

    private void Skip(int consumed) => _rest = _rest[consumed..];
}

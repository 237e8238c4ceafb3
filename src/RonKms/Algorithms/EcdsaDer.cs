using System.Formats.Asn1;

namespace RonKms.Algorithms;

/// <summary>The DER form of a P-256 signature, Ecdsa-Sig-Value. Source: RFC 3279, section 2.2.3.</summary>
internal static class EcdsaDer
{
    /// <summary>The most bytes that an encoding takes.</summary>
    internal const int MaxSize = 2 + (2 * (2 + 1 + P256.FieldSize));

    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;

    /// <summary>Encodes a signature.</summary>
    /// <param name="signature">r ‖ s, 64 bytes.</param>
    /// <param name="destination">Receives the encoding; at least <see cref="MaxSize"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    internal static int Encode(ReadOnlySpan<byte> signature, Span<byte> destination)
    {
        int length = 2;
        length += EncodeInteger(signature[..P256.FieldSize], destination[length..]);
        length += EncodeInteger(signature[P256.FieldSize..], destination[length..]);
        destination[0] = Sequence;
        destination[1] = (byte)(length - 2);
        return length;
    }

    /// <summary>Decodes a signature, strictly: no other bytes than <see cref="Encode"/> writes are taken.</summary>
    /// <param name="encoding">The encoding, and nothing after it.</param>
    /// <param name="signature">Receives r ‖ s, 64 bytes.</param>
    /// <returns>Whether the encoding is well-formed.</returns>
    internal static bool TryDecode(ReadOnlySpan<byte> encoding, Span<byte> signature)
    {
        try
        {
            DerReader outer = new(encoding);
            DerReader values = outer.ReadSequence();
            return outer.IsAtEnd
                && TryPad(values.ReadUnsignedInteger(), signature[..P256.FieldSize])
                && TryPad(values.ReadUnsignedInteger(), signature[P256.FieldSize..])
                && values.IsAtEnd;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static int EncodeInteger(ReadOnlySpan<byte> value, Span<byte> destination)
    {
        int zeros = value.IndexOfAnyExcept((byte)0);
        value = value[(zeros < 0 ? value.Length - 1 : zeros)..];
        int sign = value[0] >> 7;
        destination[0] = Integer;
        destination[1] = (byte)(sign + value.Length);
        destination[2] = 0;
        value.CopyTo(destination[(2 + sign)..]);
        return 2 + sign + value.Length;
    }

    private static bool TryPad(ReadOnlySpan<byte> value, Span<byte> destination)
    {
        if (value.Length > destination.Length)
        {
            return false;
        }

        destination[..^value.Length].Clear();
        value.CopyTo(destination[^value.Length..]);
        return true;
    }
}

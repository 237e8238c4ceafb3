using System.Buffers.Binary;

namespace RonKms.PostQuantum.MLKem;

/// <summary>Polynomials as bytes: ByteEncode and ByteDecode of FIPS 203, section 4.2.1, algorithms 5 and 6, joined with compression.</summary>
/// <remarks>
/// Bits run through a 64-bit word and leave or enter it by 32. Constant time: when they do follows from d and the number of
/// coefficients alone.
/// </remarks>
internal static class Packing
{
    private const int FullBits = 12;
    private const int WordBits = 32;

    /// <summary>ByteEncode_12, of canonical representatives.</summary>
    /// <param name="polynomials">Any representatives.</param>
    /// <param name="destination">Receives 12 bits a coefficient.</param>
    internal static void Encode(ReadOnlySpan<short> polynomials, Span<byte> destination)
    {
        ulong word = 0;
        int bits = 0;
        foreach (short coefficient in polynomials)
        {
            word |= (ulong)Reduction.Canonical(coefficient) << bits;
            bits += FullBits;
            destination = Flush(ref word, ref bits, destination);
        }
    }

    /// <summary>ByteDecode_12.</summary>
    /// <param name="source">12 bits a coefficient.</param>
    /// <param name="polynomials">Receives representatives nearest to zero.</param>
    /// <returns>Whether every coefficient was below q, as the modulus check of section 7.2 asks.</returns>
    internal static bool TryDecode(ReadOnlySpan<byte> source, Span<short> polynomials)
    {
        ulong word = 0;
        int bits = 0;
        int signs = -1;
        for (int i = 0; i < polynomials.Length; i++)
        {
            source = Fill(ref word, ref bits, FullBits, source);
            int coefficient = (int)(word & 0xFFF);
            word >>= FullBits;
            bits -= FullBits;

            // Negative exactly below q.
            signs &= coefficient - Reduction.Q;
            polynomials[i] = Reduction.Barrett((short)coefficient);
        }

        return signs < 0;
    }

    /// <summary>ByteEncode_d of Compress_d.</summary>
    /// <param name="polynomials">Any representatives.</param>
    /// <param name="d">The bits of a coefficient, 1 to 11.</param>
    /// <param name="destination">Receives d bits a coefficient.</param>
    internal static void EncodeCompressed(ReadOnlySpan<short> polynomials, int d, Span<byte> destination)
    {
        ulong word = 0;
        int bits = 0;
        foreach (short coefficient in polynomials)
        {
            word |= (ulong)Compression.Compress(coefficient, d) << bits;
            bits += d;
            destination = Flush(ref word, ref bits, destination);
        }
    }

    /// <summary>Decompress_d of ByteDecode_d.</summary>
    /// <param name="source">d bits a coefficient.</param>
    /// <param name="d">The bits of a coefficient, 1 to 11.</param>
    /// <param name="polynomials">Receives coefficients from 0 to q - 1.</param>
    internal static void DecodeCompressed(ReadOnlySpan<byte> source, int d, Span<short> polynomials)
    {
        ulong word = 0;
        int bits = 0;
        uint mask = (1u << d) - 1;
        for (int i = 0; i < polynomials.Length; i++)
        {
            source = Fill(ref word, ref bits, d, source);
            polynomials[i] = Compression.Decompress((uint)word & mask, d);
            word >>= d;
            bits -= d;
        }
    }

    // 256 coefficients of d bits are a whole number of words for every d.
    private static Span<byte> Flush(scoped ref ulong word, scoped ref int bits, Span<byte> destination)
    {
        if (bits < WordBits)
        {
            return destination;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)word);
        word >>= WordBits;
        bits -= WordBits;
        return destination[sizeof(uint)..];
    }

    private static ReadOnlySpan<byte> Fill(scoped ref ulong word, scoped ref int bits, int needed, ReadOnlySpan<byte> source)
    {
        if (bits >= needed)
        {
            return source;
        }

        word |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(source) << bits;
        bits += WordBits;
        return source[sizeof(uint)..];
    }
}

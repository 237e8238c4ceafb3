using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RonKms.PostQuantum.MLKem;

/// <summary>Polynomials as bytes: ByteEncode and ByteDecode of FIPS 203, section 4.2.1, algorithms 5 and 6, joined with compression.</summary>
/// <remarks>
/// Sixteen coefficients at a time are brought together in words of four, and two such words are d bytes. Constant time: shifts and masks by
/// amounts that follow from d alone.
/// </remarks>
internal static class Packing
{
    private const int FullBits = 12;
    private const int Group = 16;

    /// <summary>ByteEncode_12, of canonical representatives.</summary>
    /// <param name="polynomials">Any representatives.</param>
    /// <param name="destination">Receives 12 bits a coefficient.</param>
    internal static void Encode(ReadOnlySpan<short> polynomials, Span<byte> destination)
    {
        foreach (Vector256<short> coefficients in MemoryMarshal.Cast<short, Vector256<short>>(polynomials))
        {
            Pack(Reduction.Canonical(coefficients).AsUInt16(), FullBits, destination);
            destination = destination[(Group * FullBits / 8)..];
        }
    }

    /// <summary>ByteDecode_12.</summary>
    /// <param name="source">12 bits a coefficient.</param>
    /// <param name="polynomials">Receives representatives nearest to zero.</param>
    /// <returns>Whether every coefficient was below q, as the modulus check of section 7.2 asks.</returns>
    internal static bool TryDecode(ReadOnlySpan<byte> source, Span<short> polynomials)
    {
        Vector256<short> signs = Vector256<short>.Zero;
        foreach (ref Vector256<short> coefficients in MemoryMarshal.Cast<short, Vector256<short>>(polynomials))
        {
            Vector256<short> values = Unpack(source, FullBits).AsInt16();
            source = source[(Group * FullBits / 8)..];

            // Negative exactly from q on.
            signs |= Vector256.Create((short)(Reduction.Q - 1)) - values;
            coefficients = Reduction.Barrett(values);
        }

        return signs.ExtractMostSignificantBits() == 0;
    }

    /// <summary>ByteEncode_d of Compress_d.</summary>
    /// <param name="polynomials">Any representatives.</param>
    /// <param name="d">The bits of a coefficient, 1 to 11.</param>
    /// <param name="destination">Receives d bits a coefficient.</param>
    internal static void EncodeCompressed(ReadOnlySpan<short> polynomials, int d, Span<byte> destination)
    {
        foreach (Vector256<short> coefficients in MemoryMarshal.Cast<short, Vector256<short>>(polynomials))
        {
            Pack(Compression.Compress(coefficients, d), d, destination);
            destination = destination[(Group * d / 8)..];
        }
    }

    /// <summary>Decompress_d of ByteDecode_d.</summary>
    /// <param name="source">d bits a coefficient.</param>
    /// <param name="d">The bits of a coefficient, 1 to 11.</param>
    /// <param name="polynomials">Receives coefficients from 0 to q - 1.</param>
    internal static void DecodeCompressed(ReadOnlySpan<byte> source, int d, Span<short> polynomials)
    {
        foreach (ref Vector256<short> coefficients in MemoryMarshal.Cast<short, Vector256<short>>(polynomials))
        {
            coefficients = Compression.Decompress(Unpack(source, d), d);
            source = source[(Group * d / 8)..];
        }
    }

    // Sixteen values of d bits as 2d bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pack(Vector256<ushort> values, int d, Span<byte> destination)
    {
        Vector256<uint> pairs = (values.AsUInt32() & Vector256.Create(0xFFFFu)) | ((values.AsUInt32() >>> 16) << d);
        Vector256<ulong> fours = (pairs.AsUInt64() & Vector256.Create(0xFFFF_FFFFul)) | ((pairs.AsUInt64() >>> 32) << (2 * d));
        Write(fours[0], fours[1], d, destination);
        Write(fours[2], fours[3], d, destination[d..]);
    }

    // Sixteen values of d bits out of 2d bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Unpack(ReadOnlySpan<byte> source, int d)
    {
        (ulong first, ulong second) = Read(source[..d], source, d);
        (ulong third, ulong fourth) = Read(source.Slice(d, d), source[d..], d);
        Vector256<ulong> fours = Vector256.Create(first, second, third, fourth);
        Vector256<ulong> twoValues = Vector256.Create((1ul << (2 * d)) - 1);
        Vector256<uint> pairs = ((fours & twoValues) | (((fours >>> (2 * d)) & twoValues) << 32)).AsUInt32();
        Vector256<uint> value = Vector256.Create((1u << d) - 1);
        return ((pairs & value) | (((pairs >>> d) & value) << 16)).AsUInt16();
    }

    // Two times four values as d bytes. What is written beyond them is overwritten next.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(ulong first, ulong second, int d, Span<byte> destination)
    {
        ulong low = first | (second << (4 * d));
        ulong high = second >> (64 - (4 * d));
        if (destination.Length >= 2 * sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination, low);
            BinaryPrimitives.WriteUInt64LittleEndian(destination[sizeof(ulong)..], high);
            return;
        }

        for (int i = 0; i < d; i++)
        {
            destination[i] = (byte)(i < sizeof(ulong) ? low >> (8 * i) : high >> (8 * (i - sizeof(ulong))));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong First, ulong Second) Read(ReadOnlySpan<byte> exactly, ReadOnlySpan<byte> source, int d)
    {
        ulong low = 0;
        ulong high = 0;
        if (source.Length >= 2 * sizeof(ulong))
        {
            low = BinaryPrimitives.ReadUInt64LittleEndian(source);
            high = BinaryPrimitives.ReadUInt64LittleEndian(source[sizeof(ulong)..]);
        }
        else
        {
            for (int i = 0; i < exactly.Length; i++)
            {
                low |= i < sizeof(ulong) ? (ulong)exactly[i] << (8 * i) : 0;
                high |= i < sizeof(ulong) ? 0 : (ulong)exactly[i] << (8 * (i - sizeof(ulong)));
            }
        }

        ulong fourValues = (1ul << (4 * d)) - 1;
        return (low & fourValues, ((low >> (4 * d)) | (high << (64 - (4 * d)))) & fourValues);
    }
}

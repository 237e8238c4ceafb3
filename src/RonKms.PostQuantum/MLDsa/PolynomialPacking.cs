using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>Polynomials as bytes, each coefficient in a fixed number of bits: FIPS 204, algorithms 16 to 19.</summary>
/// <remarks>
/// 256 coefficients of b bits are 8·b words of 32 bits. Constant time: the bits' positions follow from b alone; a coefficient is
/// only shifted and added, never compared.
/// </remarks>
internal static class PolynomialPacking
{
    /// <summary>The bits of a packed coefficient of t1.</summary>
    internal const int T1Bits = 10;

    /// <summary>The most bytes of a packed polynomial.</summary>
    internal const int MaxSize = 640;

    /// <summary>The size of a packed polynomial in bytes.</summary>
    /// <param name="bits">The bits of a coefficient.</param>
    /// <returns>32 times as many bytes.</returns>
    internal static int Size(int bits) => bits * N / 8;

    /// <summary>Algorithm 16, SimpleBitPack: coefficients from 0 up.</summary>
    /// <param name="polynomial">Coefficients below 2^<paramref name="bits"/>.</param>
    /// <param name="bits">The bits of a coefficient.</param>
    /// <param name="destination">Receives <see cref="Size"/> bytes.</param>
    internal static void SimpleBitPack(ReadOnlySpan<int> polynomial, int bits, Span<byte> destination) =>
        Pack(polynomial, bits, offset: 0, sign: 1, destination);

    /// <summary>Algorithm 17, BitPack: coefficients from −a to b, each as b minus it.</summary>
    /// <param name="polynomial">The coefficients.</param>
    /// <param name="bits">The bits of a coefficient.</param>
    /// <param name="b">The upper end of the range.</param>
    /// <param name="destination">Receives <see cref="Size"/> bytes.</param>
    internal static void BitPack(ReadOnlySpan<int> polynomial, int bits, int b, Span<byte> destination) =>
        Pack(polynomial, bits, offset: b, sign: -1, destination);

    /// <summary>Algorithm 18, SimpleBitUnpack.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="bits">The bits of a coefficient.</param>
    /// <param name="polynomial">Receives coefficients from 0 to 2^<paramref name="bits"/> − 1.</param>
    internal static void SimpleBitUnpack(ReadOnlySpan<byte> source, int bits, Span<int> polynomial) =>
        Unpack(source, bits, offset: 0, sign: 1, polynomial);

    /// <summary>Algorithm 19, BitUnpack.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="bits">The bits of a coefficient.</param>
    /// <param name="b">The upper end of the range.</param>
    /// <param name="polynomial">Receives coefficients from b − 2^<paramref name="bits"/> + 1 to b.</param>
    internal static void BitUnpack(ReadOnlySpan<byte> source, int bits, int b, Span<int> polynomial) =>
        Unpack(source, bits, offset: b, sign: -1, polynomial);

    private static void Pack(ReadOnlySpan<int> polynomial, int bits, int offset, int sign, Span<byte> destination)
    {
        if (bits % 2 == 0)
        {
            PackVectors(polynomial, bits, offset, sign, destination);
        }
        else
        {
            PackPortable(polynomial, bits, offset, sign, destination);
        }
    }

    private static void Unpack(ReadOnlySpan<byte> source, int bits, int offset, int sign, Span<int> polynomial)
    {
        if (bits % 2 == 0)
        {
            UnpackVectors(source, bits, offset, sign, polynomial);
        }
        else
        {
            UnpackPortable(source, bits, offset, sign, polynomial);
        }
    }

    // Four coefficients are whole bytes where the number of bits is even, as it is for all that signing and verifying pack.
    private static void PackVectors(ReadOnlySpan<int> polynomial, int bits, int offset, int sign, Span<byte> destination)
    {
        int size = bits / 2;
        destination = destination[..Size(bits)];
        foreach (Vector256<int> coefficients in MemoryMarshal.Cast<int, Vector256<int>>(polynomial[..N]))
        {
            Vector256<ulong> values = (Vector256.Create(offset) + (coefficients * Vector256.Create(sign))).AsUInt64();
            Vector256<ulong> pairs = (values & Vector256.Create((ulong)uint.MaxValue)) | ((values >>> 32) << bits);
            Write(pairs[0], pairs[1], bits, destination);
            Write(pairs[2], pairs[3], bits, destination[size..]);
            destination = destination[bits..];
        }
    }

    private static void UnpackVectors(ReadOnlySpan<byte> source, int bits, int offset, int sign, Span<int> polynomial)
    {
        int size = bits / 2;
        source = source[..Size(bits)];
        Vector256<ulong> mask = Vector256.Create((1ul << bits) - 1);
        foreach (ref Vector256<int> coefficients in MemoryMarshal.Cast<int, Vector256<int>>(polynomial[..N]))
        {
            (ulong first, ulong second) = Read(source, bits);
            (ulong third, ulong fourth) = Read(source[size..], bits);
            Vector256<ulong> pairs = Vector256.Create(first, second, third, fourth);
            Vector256<ulong> values = (pairs & mask) | (((pairs >>> bits) & mask) << 32);
            coefficients = Vector256.Create(offset) + (values.AsInt32() * Vector256.Create(sign));
            source = source[bits..];
        }
    }

    // Two pairs of values as bytes. What is written beyond them is overwritten next.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(ulong first, ulong second, int bits, Span<byte> destination)
    {
        ulong low = first | (second << (2 * bits));
        ulong high = second >> (64 - (2 * bits));
        if (destination.Length >= 2 * sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination, low);
            BinaryPrimitives.WriteUInt64LittleEndian(destination[sizeof(ulong)..], high);
            return;
        }

        for (int i = 0; i < bits / 2; i++)
        {
            destination[i] = (byte)(i < sizeof(ulong) ? low >> (8 * i) : high >> (8 * (i - sizeof(ulong))));
        }
    }

    // Two pairs of values, with something above the second one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong First, ulong Second) Read(ReadOnlySpan<byte> source, int bits)
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
            for (int i = 0; i < bits / 2; i++)
            {
                low |= i < sizeof(ulong) ? (ulong)source[i] << (8 * i) : 0;
                high |= i < sizeof(ulong) ? 0 : (ulong)source[i] << (8 * (i - sizeof(ulong)));
            }
        }

        return (low, (low >> (2 * bits)) | (high << (64 - (2 * bits))));
    }

    /// <summary>One coefficient at a time, of any number of bits.</summary>
    internal static void PackPortable(ReadOnlySpan<int> polynomial, int bits, int offset, int sign, Span<byte> destination)
    {
        destination = destination[..Size(bits)];
        ulong pending = 0;
        int count = 0;
        foreach (int coefficient in polynomial[..N])
        {
            pending |= (ulong)(uint)(offset + (sign * coefficient)) << count;
            count += bits;
            if (count >= 32)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)pending);
                destination = destination[sizeof(uint)..];
                pending >>= 32;
                count -= 32;
            }
        }
    }

    /// <inheritdoc cref="PackPortable"/>
    internal static void UnpackPortable(ReadOnlySpan<byte> source, int bits, int offset, int sign, Span<int> polynomial)
    {
        source = source[..Size(bits)];
        polynomial = polynomial[..N];
        int mask = (1 << bits) - 1;
        ulong pending = 0;
        int count = 0;
        for (int i = 0; i < polynomial.Length; i++)
        {
            if (count < bits)
            {
                pending |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(source) << count;
                source = source[sizeof(uint)..];
                count += 32;
            }

            polynomial[i] = offset + (sign * ((int)pending & mask));
            pending >>= bits;
            count -= bits;
        }
    }
}

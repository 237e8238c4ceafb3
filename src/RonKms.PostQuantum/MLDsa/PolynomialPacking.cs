using System.Buffers.Binary;
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

    private static void Unpack(ReadOnlySpan<byte> source, int bits, int offset, int sign, Span<int> polynomial)
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

using System.Runtime.Intrinsics;
using RonKms.PostQuantum.MLKem;

namespace RonKms.PostQuantum.Tests.MLKem;

public sealed class PackingTests
{
    private const int Q = 3329;

    [Fact]
    public void CompressionOfEveryCoefficientIsTheRoundedQuotient()
    {
        for (int d = 1; d <= 11; d++)
        {
            for (int x = 0; x < Q; x++)
            {
                uint expected = (uint)(((2L * x << d) + Q) / (2 * Q)) & ((1u << d) - 1);
                Assert.Equal(expected, Compress((short)x, d));
                Assert.Equal(expected, Compress((short)(x - Q), d));
            }
        }
    }

    [Fact]
    public void DecompressionOfEveryValueIsTheRoundedProductAndCompressesBack()
    {
        for (int d = 1; d <= 11; d++)
        {
            for (uint y = 0; y < 1u << d; y++)
            {
                short x = Decompress(y, d);
                Assert.Equal(((2 * y * Q) + (1u << d)) >> (d + 1), (uint)x);
                Assert.Equal(y, Compress(x, d));
            }
        }
    }

    [Fact]
    public void WhatCompressionLosesIsBounded()
    {
        for (int d = 1; d <= 11; d++)
        {
            // FIPS 203, section 4.2.1: at most ⌈q / 2^(d + 1)⌋, around the circle.
            int bound = (Q + (1 << d)) >> (d + 1);
            for (int x = 0; x < Q; x++)
            {
                int back = Decompress(Compress((short)x, d), d);
                int distance = Math.Abs(back - x);
                Assert.InRange(Math.Min(distance, Q - distance), 0, bound);
            }
        }
    }

    [Fact]
    public void TwelveBitsGoThereAndBack()
    {
        short[] polynomial = [.. Enumerable.Range(0, 256).Select(i => (short)(i * 13 % Q))];
        byte[] encoded = new byte[384];
        short[] decoded = new short[256];
        Packing.Encode(polynomial, encoded);
        Assert.Equal(NaiveEncode(polynomial.Select(c => (int)c), 12), encoded);
        Assert.True(Packing.TryDecode(encoded, decoded));
        Assert.Equal(polynomial.Select(c => (int)c), decoded.Select(c => Reduction.Canonical(c)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(11)]
    public void CompressedBitsAreThoseOfTheStandard(int d)
    {
        short[] polynomial = [.. Enumerable.Range(0, 256).Select(i => (short)(i * 13 % Q))];
        byte[] encoded = new byte[32 * d];
        short[] decoded = new short[256];
        Packing.EncodeCompressed(polynomial, d, encoded);
        Assert.Equal(NaiveEncode(polynomial.Select(c => (int)Compress(c, d)), d), encoded);
        Packing.DecodeCompressed(encoded, d, decoded);
        Assert.Equal(polynomial.Select(c => Decompress(Compress(c, d), d)), decoded);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(255)]
    public void CoefficientOfQOrMoreIsNotDecoded(int index)
    {
        foreach (int value in new[] { Q - 1, Q, Q + 1, 4095 })
        {
            int[] coefficients = new int[256];
            coefficients[index] = value;
            Assert.Equal(value < Q, Packing.TryDecode(NaiveEncode(coefficients, 12), new short[256]));
        }
    }

    // In a lane of its own, between other values.
    private static uint Compress(short value, int d) =>
        Compression.Compress(Vector256.Create((short)1111).WithElement(Math.Abs(value % 16), value), d)[Math.Abs(value % 16)];

    private static short Decompress(uint value, int d) =>
        Compression.Decompress(Vector256<ushort>.One.WithElement((int)value % 16, (ushort)value), d)[(int)value % 16];

    // Algorithm 5 bit by bit.
    private static byte[] NaiveEncode(IEnumerable<int> coefficients, int d)
    {
        bool[] bits = [.. coefficients.SelectMany(c => Enumerable.Range(0, d).Select(j => ((c >> j) & 1) == 1))];
        byte[] bytes = new byte[bits.Length / 8];
        for (int i = 0; i < bits.Length; i++)
        {
            bytes[i / 8] |= (byte)(bits[i] ? 1 << (i % 8) : 0);
        }

        return bytes;
    }
}

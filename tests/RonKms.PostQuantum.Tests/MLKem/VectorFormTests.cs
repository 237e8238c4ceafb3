using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.MLKem;

namespace RonKms.PostQuantum.Tests.MLKem;

/// <summary>The vector forms against the portable ones. Without AVX2 the product and the transforms have the portable form alone.</summary>
public sealed class VectorFormTests
{
    private const int Q = 3329;
    private readonly Random _random = new(20261121);

    public static TheoryData<short> Bounds => [-Q, 1 - Q, -1, 0, 1, Q - 1, Q];

    [Fact]
    public void TransformsGiveTheSameWords()
    {
        for (int round = 0; round < 500; round++)
        {
            TransformBoth(Filled(() => (short)_random.Next(1 - Q, Q)));
            TransformBoth(Filled(() => (short)(_random.Next(2) == 0 ? Q - 1 : 1 - Q)));
        }
    }

    [Theory]
    [MemberData(nameof(Bounds))]
    public void TransformsOfBoundsGiveTheSameWords(short bound) => TransformBoth(Filled(() => bound));

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    public void InnerProductsAreTheSame(int k, int step)
    {
        for (int round = 0; round < 200; round++)
        {
            bool isExtreme = round % 2 == 0;
            short Next() => isExtreme ? (short)(_random.Next(2) == 0 ? Q - 1 : 1 - Q) : (short)_random.Next(1 - Q, Q);
            short[] a = Filled(Next, k * step);
            short[] b = Filled(Next, k);
            short[] product = new short[256];
            short[] expected = new short[256];
            NttProduct.Inner(a, step, b, product);
            NttProduct.InnerPortable(a, step, b, expected);

            // A sum may have another representative: −(b·γ) and b·(−γ) are reduced apart.
            Assert.Equal(expected.Select(c => Reduction.Canonical(c)), product.Select(c => Reduction.Canonical(c)));
            Assert.All(product, c => Assert.InRange(c, 1 - Q, Q - 1));
        }
    }

    [Fact]
    public void ArithmeticOfEveryWordIsTheSame()
    {
        for (int value = short.MinValue; value <= short.MaxValue; value++)
        {
            int lane = value & 15;
            short factor = (short)_random.Next(1 - Q, Q);
            Vector256<short> vector = Vector256.Create((short)_random.Next(Q)).WithElement(lane, (short)value);
            Assert.Equal(Reduction.Barrett((short)value), Reduction.Barrett(vector)[lane]);
            Assert.Equal(Reduction.Canonical((short)value), Reduction.Canonical(vector)[lane]);
            Assert.Equal(Reduction.Multiply((short)value, factor), Reduction.Multiply(vector, Vector256.Create(factor))[lane]);
        }
    }

    [Fact]
    public void RejectionTakesTheSameCandidates()
    {
        Assert.SkipUnless(Avx512Vbmi2.IsSupported, "not run: the processor has no AVX-512 VBMI2");
        for (int round = 0; round < 2000; round++)
        {
            byte[] block = new byte[Shake.Rate128 + 64];
            _random.NextBytes(block);
            if (round % 4 == 0)
            {
                // Nothing passes, everything passes, or what is just within and just out of the range.
                block.AsSpan().Fill((byte)(round % 8 == 0 ? 0xFF : 0));
            }
            else if (round % 4 == 1)
            {
                for (int i = 0; i + 3 <= Shake.Rate128; i += 3)
                {
                    int pair = (Q - _random.Next(2)) | ((Q - _random.Next(2)) << 12);
                    (block[i], block[i + 1], block[i + 2]) = ((byte)pair, (byte)(pair >> 8), (byte)(pair >> 16));
                }
            }

            int room = round % 3 == 0 ? 256 : _random.Next(1, 130);
            short[] expected = new short[room];
            short[] found = new short[room + 8];
            int count = MatrixSampler.Parse(block.AsSpan(0, Shake.Rate128), expected);
            Assert.Equal(count, MatrixSampler.ParseVectors(block, found.AsSpan(0, room)));
            Assert.Equal(expected[..count], found[..count]);
            Assert.All(found[room..], untouched => Assert.Equal(0, untouched));
        }
    }

    private static void TransformBoth(short[] polynomial)
    {
        short[] vectors = [.. polynomial];
        short[] portable = [.. polynomial];
        Ntt.Transform(vectors);
        Ntt.TransformOne(portable);
        Assert.Equal(portable, vectors);
        if (polynomial.All(c => Math.Abs(c) < Q))
        {
            polynomial.CopyTo(vectors, 0);
            polynomial.CopyTo(portable, 0);
            Ntt.InverseTransform(vectors);
            Ntt.InverseTransformOne(portable);
            Assert.Equal(portable, vectors);
        }
    }

    private static short[] Filled(Func<short> coefficient, int polynomials = 1) => [.. Enumerable.Range(0, 256 * polynomials).Select(_ => coefficient())];
}

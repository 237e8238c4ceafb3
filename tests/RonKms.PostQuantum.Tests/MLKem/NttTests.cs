using System.Numerics;
using RonKms.PostQuantum.MLKem;

namespace RonKms.PostQuantum.Tests.MLKem;

public sealed class NttTests
{
    private const int Q = 3329;
    private readonly Random _random = new(20261121);

    [Fact]
    public void ZetasAreThePowersOfTheStandard()
    {
        for (int i = 0; i < 128; i++)
        {
            int reversed = Convert.ToInt32(new string(Convert.ToString(i, 2).PadLeft(7, '0').Reverse().ToArray()), 2);
            BigInteger expected = BigInteger.ModPow(17, reversed, Q) * 65536 % Q;
            Assert.Equal((int)expected, Reduction.Canonical(Ntt.Zetas[i]));
        }
    }

    [Fact]
    public void InverseTransformUndoesTheTransform()
    {
        for (int round = 0; round < 200; round++)
        {
            short[] polynomial = RandomPolynomial(from: -Q, to: Q);
            short[] copy = [.. polynomial];
            Ntt.Transform(copy);
            Ntt.InverseTransform(copy);
            for (int i = 0; i < copy.Length; i++)
            {
                // The inverse brings the factor 2^16 that a product lacks.
                Assert.Equal(Mod(polynomial[i] * 65536L), Reduction.Canonical(copy[i]));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void InnerProductIsThatOfThePolynomials(int k)
    {
        for (int round = 0; round < 20; round++)
        {
            short[] a = RandomVector(k);
            short[] b = RandomVector(k);
            long[] expected = Schoolbook(a, b, k);
            Ntt.Transform(a);
            Ntt.Transform(b);
            short[] product = new short[256];
            NttProduct.Inner(a, 1, b, product);
            Ntt.InverseTransform(product);
            Assert.Equal(expected, product.Select(c => (long)Reduction.Canonical(c)));
        }
    }

    [Fact]
    public void LargestOperandsDoNotOverflow()
    {
        // Every sign pattern that makes a sum of eight products largest, at the bounds that the product allows.
        foreach ((short left, short right) in new (short, short)[] { (Q - 1, Q - 1), (1 - Q, Q - 1), (1 - Q, 1 - Q) })
        {
            short[] a = Enumerable.Repeat(left, 1024).ToArray();
            short[] b = Enumerable.Repeat(right, 1024).ToArray();
            short[] product = new short[256];
            NttProduct.Inner(a, 1, b, product);
            long odd = 8L * left * right;
            for (int i = 0; i < 256; i += 2)
            {
                long gamma = (long)BigInteger.ModPow(17, (2 * Reversed(i / 2)) + 1, Q);
                Assert.Equal(Mod(4L * left * right * (1 + gamma)), Mod(product[i] * 65536L));
                Assert.Equal(Mod(odd), Mod(product[i + 1] * 65536L));
                Assert.InRange(product[i], 1 - Q, Q - 1);
            }

            foreach (short bound in new short[] { Q, -Q })
            {
                short[] extreme = Enumerable.Repeat(bound, 256).ToArray();
                Ntt.Transform(extreme);
                Assert.All(extreme, c => Assert.Equal(0, Reduction.Canonical(c)));
            }
        }
    }

    [Fact]
    public void EveryWordIsReducedToItsClass()
    {
        for (int value = short.MinValue; value <= short.MaxValue; value++)
        {
            Assert.Equal(Mod(value), Reduction.Canonical((short)value));
            Assert.InRange(Reduction.Barrett((short)value), -(Q - 1) / 2, (Q - 1) / 2);
        }
    }

    [Fact]
    public void MontgomeryReducesWithinItsBounds()
    {
        for (int round = 0; round < 100_000; round++)
        {
            int value = _random.Next(-32768 * Q, (32768 * Q) + 1);
            short reduced = Reduction.Montgomery(value);
            Assert.InRange(reduced, 1 - Q, Q - 1);
            Assert.Equal(Mod(value), Mod(reduced * 65536L));
        }
    }

    private static long Mod(long value) => ((value % Q) + Q) % Q;

    private static int Reversed(int i) =>
        Convert.ToInt32(new string(Convert.ToString(i, 2).PadLeft(7, '0').Reverse().ToArray()), 2);

    private static long[] Schoolbook(short[] a, short[] b, int k)
    {
        long[] product = new long[256];
        for (int p = 0; p < k; p++)
        {
            for (int i = 0; i < 256; i++)
            {
                for (int j = 0; j < 256; j++)
                {
                    // X^256 = -1
                    long term = (long)a[(256 * p) + i] * b[(256 * p) + j];
                    product[(i + j) % 256] += i + j < 256 ? term : -term;
                }
            }
        }

        return [.. product.Select(Mod)];
    }

    private short[] RandomVector(int k) => [.. Enumerable.Range(0, k).SelectMany(_ => RandomPolynomial(0, Q - 1))];

    private short[] RandomPolynomial(int from, int to) => [.. Enumerable.Range(0, 256).Select(_ => (short)_random.Next(from, to + 1))];
}

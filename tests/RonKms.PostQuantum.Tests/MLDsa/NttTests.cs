using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests.MLDsa;

public sealed class NttTests
{
    private const int Q = MLDsaParameters.Q;
    private const int N = MLDsaParameters.N;
    private readonly Random _random = new(20261121);

    [Fact]
    public void InverseTransformUndoesTheTransform()
    {
        for (int round = 0; round < 200; round++)
        {
            int[] polynomial = RandomPolynomial();
            int[] copy = [.. polynomial];
            Ntt.Forward(copy.AsSpan());
            Polynomial.Reduce(copy);
            Ntt.Inverse(copy);
            Polynomial.Reduce(copy);
            Assert.Equal(polynomial, copy);
        }
    }

    [Fact]
    public void ExtremeCoefficientsDoNotOverflow()
    {
        foreach (int[] extreme in new[] { Filled(_ => Q - 1), Filled(_ => -(Q - 1)), Filled(j => j % 2 == 0 ? Q - 1 : 1 - Q) })
        {
            int[] copy = [.. extreme];
            Ntt.Inverse(copy);
            Assert.All(copy, c => Assert.InRange(c, 1 - Q, Q - 1));
            Ntt.Forward(copy.AsSpan());
            Polynomial.Reduce(copy);
            Assert.Equal(extreme.Select(Mod), copy.Select(c => Mod(c)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public void InnerProductIsThatOfThePolynomials(int length)
    {
        for (int round = 0; round < 5; round++)
        {
            int[][] left = [.. Enumerable.Range(0, length).Select(_ => RandomPolynomial())];
            int[][] right = [.. Enumerable.Range(0, length).Select(_ => RandomPolynomial())];
            int[] expected = Filled(j => Mod(Enumerable.Range(0, length).Sum(i => (long)Schoolbook(left[i], right[i], j))));
            int[] a = [.. left.SelectMany(p => p)];
            int[] b = [.. right.SelectMany(p => p)];
            Ntt.Forward(new PolynomialVector(a));
            for (int i = 0; i < length; i++)
            {
                // One factor as it comes out of the transform, not reduced.
                Ntt.Forward(b.AsSpan(i * N, N));
            }

            int[] product = new int[N];
            Ntt.InnerProduct(a, b, product);
            Assert.All(product, c => Assert.InRange(c, 1 - Q, Q - 1));
            Ntt.InverseOfProduct(product);
            Assert.All(product, c => Assert.InRange(c, 1 - Q, Q - 1));
            Polynomial.Reduce(product);
            Assert.Equal(expected, product);
        }
    }

    [Fact]
    public void ReductionGivesTheRepresentativeOverItsWholeRange()
    {
        int limit = int.MaxValue - (1 << 22);
        foreach (int value in Enumerable.Range(0, 4000).SelectMany(i => new[] { i - 2000, limit - i, i - limit, (i * (Q / 2)) % limit, _random.Next(-limit, limit) }))
        {
            int[] one = [value, 0, 0, 0, 0, 0, 0, 0];
            Polynomial.Reduce(one);
            Assert.Equal(Mod(value), one[0]);
            Polynomial.Center(one);
            Assert.InRange(one[0], -(Q - 1) / 2, (Q - 1) / 2);
            Assert.Equal(Mod(value), Mod(one[0]));
        }
    }

    [Fact]
    public void NormIsReachedByEitherSignAtTheBoundAndNotBelow()
    {
        foreach (int place in new[] { 0, 100, 255 })
        {
            foreach (int sign in new[] { 1, -1 })
            {
                int[] polynomial = new int[N];
                polynomial[place] = sign * 1000;
                Assert.True(Polynomial.Reaches(polynomial, 1000));
                Assert.False(Polynomial.Reaches(polynomial, 1001));
            }
        }
    }

    private static int Mod(long value) => (int)(((value % Q) + Q) % Q);

    private static int Mod(int value) => Mod((long)value);

    // A coefficient of the product modulo X^256 + 1.
    private static int Schoolbook(int[] a, int[] b, int j)
    {
        long sum = 0;
        for (int i = 0; i < N; i++)
        {
            long term = (long)a[i] * b[(j - i + N) % N] % Q;
            sum += i <= j ? term : -term;
        }

        return Mod(sum);
    }

    private static int[] Filled(Func<int, int> coefficient) => [.. Enumerable.Range(0, N).Select(coefficient)];

    private int[] RandomPolynomial() => Filled(_ => _random.Next(Q));
}

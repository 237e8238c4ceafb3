using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests.MLDsa;

public sealed class PackingTests
{
    private const int N = MLDsaParameters.N;
    private readonly Random _random = new(20261121);

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(10)]
    public void SimpleBitPackRoundTripsInTheStandardsOrderOfBits(int bits)
    {
        int[] polynomial = RandomPolynomial(0, (1 << bits) - 1);
        byte[] packed = new byte[PolynomialPacking.Size(bits)];
        PolynomialPacking.SimpleBitPack(polynomial, bits, packed);
        Assert.Equal(BitsOf(polynomial, bits), packed);
        int[] unpacked = new int[N];
        PolynomialPacking.SimpleBitUnpack(packed, bits, unpacked);
        Assert.Equal(polynomial, unpacked);
    }

    [Theory]
    [InlineData(3, 2, 2)]
    [InlineData(4, 4, 4)]
    [InlineData(13, (1 << 12) - 1, 1 << 12)]
    [InlineData(18, (1 << 17) - 1, 1 << 17)]
    [InlineData(20, (1 << 19) - 1, 1 << 19)]
    public void BitPackRoundTripsInTheStandardsOrderOfBits(int bits, int a, int b)
    {
        int[] polynomial = RandomPolynomial(-a, b);
        polynomial[0] = -a;
        polynomial[N - 1] = b;
        byte[] packed = new byte[PolynomialPacking.Size(bits)];
        PolynomialPacking.BitPack(polynomial, bits, b, packed);
        Assert.Equal(BitsOf([.. polynomial.Select(c => b - c)], bits), packed);
        int[] unpacked = new int[N];
        PolynomialPacking.BitUnpack(packed, bits, b, unpacked);
        Assert.Equal(polynomial, unpacked);
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void HintRoundTrips(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        foreach (int ones in new[] { 0, 1, p.Omega / 2, p.Omega })
        {
            int[] hint = new int[p.K * N];
            foreach (int place in Enumerable.Range(0, hint.Length).OrderBy(_ => _random.Next()).Take(ones))
            {
                hint[place] = 1;
            }

            byte[] packed = new byte[p.Omega + p.K];
            HintPacking.Pack(p, new PolynomialVector(hint), packed);
            Assert.True(HintPacking.IsWellFormed(p, packed));
            int[] unpacked = new int[hint.Length];
            for (int i = 0; i < p.K; i++)
            {
                foreach (byte position in HintPacking.Positions(p, packed, i))
                {
                    unpacked[(i * N) + position] = 1;
                }
            }

            Assert.Equal(hint, unpacked);
        }
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void HintHasOneEncoding(string name)
    {
        // Positions 3, 9 in the first polynomial, 3 in the second.
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        Assert.True(IsWellFormed(p, [3, 9, 3], [2, 3]));
        Assert.False(IsWellFormed(p, [9, 3, 3], [2, 3]), "falling positions");
        Assert.False(IsWellFormed(p, [3, 3, 3], [2, 3]), "a position twice");
        Assert.True(IsWellFormed(p, [3, 9, 10], [2, 3]));
        Assert.False(IsWellFormed(p, [3, 9, 3], [2, 1]), "falling ends");
        Assert.False(IsWellFormed(p, [3, 9, 3, 1], [2, 3]), "a position after the last end");
        Assert.False(IsWellFormed(p, [3, 9, 3], [2, p.Omega + 1]), "an end beyond ω");
        Assert.False(IsWellFormed(p, [3, 9, 3], [2, 255]), "an end beyond everything");
        byte[] last = new byte[p.Omega + p.K];
        last[p.Omega - 1] = 1;
        Assert.False(HintPacking.IsWellFormed(p, last), "a position in an empty hint's last place");
        byte[] full = [.. Enumerable.Range(0, p.Omega).Select(i => (byte)i), .. Enumerable.Repeat((byte)p.Omega, p.K)];
        Assert.True(HintPacking.IsWellFormed(p, full));
        full[^1]++;
        Assert.False(HintPacking.IsWellFormed(p, full), "the last end beyond ω");
    }

    [Theory]
    [MemberData(nameof(MLDsaAlgorithms.Names), MemberType = typeof(MLDsaAlgorithms))]
    public void ExpandedPrivateKeyRoundTripsAndIsRefusedOutOfRange(string name)
    {
        MLDsaParameters p = MLDsaAlgorithms.Find(name);
        using MLDsaPrivateKey key = new(p);
        MLDsaInternal.KeyGen(new byte[MLDsaParameters.SeedSize], key, new byte[p.PublicKeySize]);
        byte[] encoded = new byte[p.PrivateKeySize];
        ExpandedPrivateKey.Encode(key, encoded);
        using MLDsaPrivateKey decoded = new(p);
        Assert.True(ExpandedPrivateKey.TryDecode(encoded, decoded));
        Assert.Equal(key.S1.Coefficients, decoded.S1.Coefficients);
        Assert.Equal(key.S2.Coefficients, decoded.S2.Coefficients);
        Assert.Equal(key.T0.Coefficients, decoded.T0.Coefficients);
        Assert.Equal(key.Matrix, decoded.Matrix);

        Assert.False(ExpandedPrivateKey.TryDecode(encoded.AsSpan()[..^1], decoded));
        foreach (Range place in new[] { p.PackedS1(0), p.PackedS2(p.K - 1) })
        {
            byte[] changed = [.. encoded];
            changed.AsSpan(place).Fill(0xFF);
            Assert.False(ExpandedPrivateKey.TryDecode(changed, decoded));
        }
    }

    private static bool IsWellFormed(MLDsaParameters p, int[] positions, int[] ends)
    {
        byte[] y = new byte[p.Omega + p.K];
        for (int i = 0; i < positions.Length; i++)
        {
            y[i] = (byte)positions[i];
        }

        for (int i = 0; i < p.K; i++)
        {
            y[p.Omega + i] = (byte)ends[Math.Min(i, ends.Length - 1)];
        }

        return HintPacking.IsWellFormed(p, y);
    }

    // Algorithms 9 and 12: bit after bit, the lowest first.
    private static byte[] BitsOf(int[] values, int bits)
    {
        byte[] packed = new byte[values.Length * bits / 8];
        for (int i = 0; i < values.Length * bits; i++)
        {
            packed[i / 8] |= (byte)(((values[i / bits] >> (i % bits)) & 1) << (i % 8));
        }

        return packed;
    }

    private int[] RandomPolynomial(int from, int to) => [.. Enumerable.Range(0, N).Select(_ => _random.Next(from, to + 1))];
}

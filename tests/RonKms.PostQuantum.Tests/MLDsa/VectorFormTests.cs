using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.MLDsa;

namespace RonKms.PostQuantum.Tests.MLDsa;

/// <summary>The vector forms against those of one coefficient, as far as the processor has them.</summary>
public sealed class VectorFormTests
{
    private const int Q = MLDsaParameters.Q;
    private const int N = MLDsaParameters.N;
    private readonly Random _random = new(20261121);

    public static TheoryData<int> Bits => [4, 6, 10, 18, 20];

    public static TheoryData<int> Etas => [2, 4];

    [Fact]
    public void TransformsGiveTheSameIntegersAtEveryWidth()
    {
        Assert.SkipUnless(Avx2.IsSupported, "not run: the processor has no AVX2");
        TransformsAreTheSame<Vector256<int>, Residues256>();
        if (Vector512.IsHardwareAccelerated)
        {
            TransformsAreTheSame<Vector512<int>, Residues512>();
        }
    }

    [Theory]
    [MemberData(nameof(Bits))]
    public void PackedPolynomialsAreTheSame(int bits)
    {
        for (int round = 0; round < 200; round++)
        {
            foreach ((int offset, int sign) in new[] { (0, 1), (1 << (bits - 1), -1) })
            {
                int[] polynomial = [.. Enumerable.Range(0, N).Select(_ => sign * (_random.Next(round == 0 ? 1 : 1 << bits) - offset))];
                byte[] packed = new byte[PolynomialPacking.Size(bits)];
                byte[] expected = new byte[packed.Length];
                PolynomialPacking.PackPortable(polynomial, bits, offset, sign, expected);
                if (sign == 1)
                {
                    PolynomialPacking.SimpleBitPack(polynomial, bits, packed);
                }
                else
                {
                    PolynomialPacking.BitPack(polynomial, bits, offset, packed);
                }

                Assert.Equal(expected, packed);
                int[] unpacked = new int[N];
                int[] expectedBack = new int[N];
                PolynomialPacking.UnpackPortable(packed, bits, offset, sign, expectedBack);
                if (sign == 1)
                {
                    PolynomialPacking.SimpleBitUnpack(packed, bits, unpacked);
                }
                else
                {
                    PolynomialPacking.BitUnpack(packed, bits, offset, unpacked);
                }

                Assert.Equal(expectedBack, unpacked);
            }
        }
    }

    [Fact]
    public void MatrixTakesTheSameCandidates()
    {
        Assert.SkipUnless(Avx512Vbmi.IsSupported, "not run: the processor has no AVX-512 VBMI");
        Compare(Shake.Rate128, 64, [Q - 1, Q, Q + 1, 0, 0x7FFFFF], ExpandA.Accept, ExpandA.AcceptVectors);
    }

    [Theory]
    [MemberData(nameof(Etas))]
    public void SecretsTakeTheSameHalfBytes(int eta)
    {
        Assert.SkipUnless(Avx512Vbmi2.IsSupported, "not run: the processor has no AVX-512 VBMI2");
        Compare(
            Shake.Rate256,
            32,
            [0x999999, 0x898989, 0xEFEFEF, 0, 0xFFFFFF],
            (block, room) => ExpandS.Accept(eta, block, room),
            (block, room) => ExpandS.AcceptVectors(eta, block, room));
    }

    private delegate int Accept(ReadOnlySpan<byte> block, Span<int> polynomial);

    private void Compare(int size, int behind, int[] edges, Accept portable, Accept vectors)
    {
        for (int round = 0; round < 2000; round++)
        {
            byte[] block = new byte[size + behind];
            _random.NextBytes(block);
            for (int i = 0; round % 2 == 0 && i + 3 <= size; i += 3)
            {
                int edge = edges[_random.Next(edges.Length)];
                (block[i], block[i + 1], block[i + 2]) = ((byte)edge, (byte)(edge >> 8), (byte)(edge >> 16));
            }

            int room = round % 3 == 0 ? N : _random.Next(1, 100);
            int[] expected = new int[room];
            int[] found = new int[room + 8];
            int count = portable(block.AsSpan(0, size), expected);
            Assert.Equal(count, vectors(block, found.AsSpan(0, room)));
            Assert.Equal(expected[..count], found[..count]);
            Assert.All(found[room..], untouched => Assert.Equal(0, untouched));
        }
    }

    private void TransformsAreTheSame<TVector, TLanes>()
        where TVector : unmanaged
        where TLanes : IResidueLanes<TVector>
    {
        for (int round = 0; round < 300; round++)
        {
            Func<int> next = (round % 4) switch
            {
                0 => () => _random.Next(2) == 0 ? Q - 1 : 1 - Q,
                1 => () => round % 8 == 1 ? Q - 1 : 1 - Q,
                _ => () => _random.Next(1 - Q, Q),
            };
            int[] polynomial = [.. Enumerable.Range(0, N).Select(_ => next())];
            BothWays(polynomial, f => NttKernel<int, Residue>.Forward(f), f => NttKernel<TVector, TLanes>.Forward(f));
            BothWays(polynomial, f => NttKernel<int, Residue>.Inverse(f, 41978), f => NttKernel<TVector, TLanes>.Inverse(f, 41978));
            int[] row = [.. Enumerable.Range(0, 7 * N).Select(_ => round % 4 == 0 ? Q - 1 : _random.Next(Q))];
            int[] vector = [.. Enumerable.Range(0, 7 * N).Select(_ => (round % 4 == 0 ? 10 : 1) * next())];
            BothWays(
                polynomial,
                f => NttKernel<int, Residue>.InnerProduct(row, vector, f),
                f => NttKernel<TVector, TLanes>.InnerProduct(row, vector, f));
        }
    }

    private static void BothWays(int[] polynomial, Action<int[]> portable, Action<int[]> vectors)
    {
        int[] expected = [.. polynomial];
        int[] found = [.. polynomial];
        portable(expected);
        vectors(found);
        Assert.Equal(expected, found);
    }
}

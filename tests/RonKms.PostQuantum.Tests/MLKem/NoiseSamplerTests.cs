using System.Numerics;
using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.MLKem;

namespace RonKms.PostQuantum.Tests.MLKem;

public sealed class NoiseSamplerTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void CoefficientIsTheDifferenceOfTwoCountsOfBits(int eta)
    {
        byte[] seed = RandomNumberGenerator.GetBytes(32);
        short[] vector = new short[3 * 256];
        NoiseSampler.Sample(seed, nonce: 5, eta, vector);
        for (int p = 0; p < 3; p++)
        {
            // Algorithm 8 bit by bit.
            byte[] stream = new byte[64 * eta];
            Shake.Hash256([.. seed, (byte)(5 + p)], stream);
            BigInteger bits = new(stream, isUnsigned: true);
            for (int i = 0; i < 256; i++)
            {
                int x = Count(bits, 2 * i * eta, eta);
                int y = Count(bits, (2 * i * eta) + eta, eta);
                Assert.Equal(x - y, vector[(256 * p) + i]);
            }
        }
    }

    private static int Count(BigInteger bits, int from, int count) =>
        Enumerable.Range(from, count).Count(i => !((bits >> i) & 1).IsZero);
}

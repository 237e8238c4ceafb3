using System.Numerics;
using System.Security.Cryptography;
using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

public sealed class Base2bTests
{
    [Fact]
    public void NumbersAreTheBitsFromTheLeft()
    {
        for (int b = 1; b <= 16; b++)
        {
            for (int count = 1; count <= 35; count++)
            {
                byte[] x = RandomNumberGenerator.GetBytes(((b * count) + 7) / 8);
                int[] numbers = new int[count];
                Base2b.Split(x, b, numbers);
                BigInteger rest = new BigInteger(x, isUnsigned: true, isBigEndian: true) >> ((8 * x.Length) - (b * count));
                for (int i = count - 1; i >= 0; i--, rest >>= b)
                {
                    Assert.Equal((int)(rest & ((1 << b) - 1)), numbers[i]);
                }
            }
        }
    }

    [Fact]
    public void TwelveBitsOfAKnownString()
    {
        int[] numbers = new int[2];
        Base2b.Split([0x12, 0x34, 0x56], 12, numbers);
        Assert.Equal([0x123, 0x456], numbers);
    }
}

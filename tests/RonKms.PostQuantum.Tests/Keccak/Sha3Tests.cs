using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.Tests.Keccak;

public sealed class Sha3Tests
{
    private delegate void Function(ReadOnlySpan<byte> source, Span<byte> destination);

    // The examples that NIST publishes with FIPS 202: the empty message.
    [Theory]
    [InlineData(224, "6B4E03423667DBB73B6E15454F0EB1ABD4597F9A1B078E3F5B5A6BC7")]
    [InlineData(256, "A7FFC6F8BF1ED76651C14756A061D662F580FF4DE43B49FA82D80A4B80F8434A")]
    [InlineData(384, "0C63A75B845E4F7D01107D852E4C2485C51A50AAAA94FC61995E71BBEE983A2AC3713831264ADB47FB6BD1E058D5F004")]
    [InlineData(
        512,
        "A69F73CCA23A9AC5C8B567DC185A756E97C982164FE25859E0D1DCC1475C80A615B2123AF1F5F94C11E3E9402C3AC558F500199D95B6D3E301758586281DCD26")]
    public void NistExample(int bits, string expected)
    {
        byte[] hash = new byte[bits / 8];
        Choose(bits)([], hash);
        Assert.Equal(expected, Convert.ToHexString(hash));
    }

    [Theory]
    [InlineData(256)]
    [InlineData(384)]
    [InlineData(512)]
    public void EveryLengthAroundABlockGivesWhatThePlatformGives(int bits)
    {
        Assert.SkipUnless(SHA3_256.IsSupported, "not run: the platform has no SHA-3");
        byte[] hash = new byte[bits / 8];
        for (int length = 0; length < 300; length++)
        {
            byte[] message = RandomNumberGenerator.GetBytes(length);
            Choose(bits)(message, hash);
            Assert.Equal(CryptographicOperations.HashData(new HashAlgorithmName($"SHA3-{bits}"), message), hash);
        }
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    public void BufferOfAnotherSizeIsAnArgumentError(int size) =>
        Assert.Throws<ArgumentException>(() => Sha3.Hash256([], new byte[size]));

    private static Function Choose(int bits) => bits switch
    {
        224 => Sha3.Hash224,
        256 => Sha3.Hash256,
        384 => Sha3.Hash384,
        512 => Sha3.Hash512,
        _ => throw new ArgumentOutOfRangeException(nameof(bits)),
    };
}

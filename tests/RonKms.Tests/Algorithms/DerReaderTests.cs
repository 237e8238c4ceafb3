using System.Formats.Asn1;
using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

public sealed class DerReaderTests
{
    [Theory]
    [InlineData("020100", "00")]
    [InlineData("02017f", "7f")]
    [InlineData("02020080", "80")]
    [InlineData("02020100", "0100")]
    public void An_integer_is_read_without_the_byte_that_keeps_its_sign(string der, string expected)
    {
        DerReader reader = new(Convert.FromHexString(der));

        Assert.Equal(expected, Convert.ToHexStringLower(reader.ReadUnsignedInteger()));
        Assert.True(reader.IsAtEnd);
    }

    [Theory]
    [InlineData("020180")]
    [InlineData("0202007f")]
    [InlineData("0200")]
    public void A_negative_or_a_longer_integer_is_none(string der) => Assert.ThrowsAny<AsnContentException>(() => new DerReader(Convert.FromHexString(der)).ReadUnsignedInteger());
}

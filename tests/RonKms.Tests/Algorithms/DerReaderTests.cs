using System.Formats.Asn1;
using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

/// <summary>What is well-formed DER, and still not what keys and signatures hold.</summary>
public sealed class DerReaderTests
{
    [Theory]
    [InlineData("020180")]
    [InlineData("0202FF7F")]
    public void A_negative_integer_is_refused(string der) =>
        Assert.Throws<AsnContentException>(() => new DerReader(Convert.FromHexString(der)).ReadUnsignedInteger());

    [Theory]
    [InlineData("020100", "00")]
    [InlineData("02017F", "7F")]
    [InlineData("02020080", "80")]
    public void An_integer_is_read_without_the_byte_that_keeps_its_sign(string der, string value)
    {
        DerReader reader = new(Convert.FromHexString(der));

        Assert.Equal(value, Convert.ToHexString(reader.ReadUnsignedInteger()));
        Assert.True(reader.IsAtEnd);
    }

    [Fact]
    public void A_bit_string_that_ends_inside_a_byte_is_refused()
    {
        Assert.Throws<AsnContentException>(() => new DerReader([0x03, 0x02, 0x01, 0xFE]).ReadBitString());
        Assert.Equal([0xFE], new DerReader([0x03, 0x02, 0x00, 0xFE]).ReadBitString().ToArray());
    }

    [Fact]
    public void A_string_in_pieces_is_refused()
    {
        Assert.Throws<AsnContentException>(() => new DerReader([0x24, 0x03, 0x04, 0x01, 0x00]).ReadOctetString());
        Assert.Throws<AsnContentException>(() => new DerReader([0x23, 0x04, 0x03, 0x02, 0x00, 0x00]).ReadBitString());
    }
}

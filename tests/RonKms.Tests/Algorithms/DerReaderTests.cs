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

    [Theory]
    [InlineData("0400", "")]
    [InlineData("040201ff", "01ff")]
    public void An_octet_string_is_read(string der, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(new DerReader(Convert.FromHexString(der)).ReadOctetString()));

    [Theory]
    [InlineData("2404040201ff")]
    [InlineData("040301ff")]
    [InlineData("030200ff")]
    public void One_in_parts_or_cut_off_or_of_another_type_is_none(string der) =>
        Assert.ThrowsAny<AsnContentException>(() => new DerReader(Convert.FromHexString(der)).ReadOctetString().Length);

    [Theory]
    [InlineData("030100", "")]
    [InlineData("030301ff00", null)]
    [InlineData("03020180", null)]
    [InlineData("03020080", "80")]
    [InlineData("230403020080", null)]
    public void A_bit_string_is_read_where_it_has_whole_bytes(string der, string? expected)
    {
        if (expected is not null)
        {
            Assert.Equal(expected, Convert.ToHexStringLower(new DerReader(Convert.FromHexString(der)).ReadBitString()));
            return;
        }

        Assert.ThrowsAny<AsnContentException>(() => new DerReader(Convert.FromHexString(der)).ReadBitString().Length);
    }
}

using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Tests.Tokens;

public sealed class TokenUriTests
{
    [Fact]
    public void Attributes_are_read_and_percent_decoded()
    {
        TokenUri uri = TokenUri.Parse("pkcs11:token=My%20token;serial=a%3bb;manufacturer=M;model=X;slot-id=7;object=kek;id=%01%aF?module-path=/usr/lib/x.so&pin-source=file:/etc/pin");

        Assert.Equal("My token", uri.Token);
        Assert.Equal("a;b", uri.Serial);
        Assert.Equal("M", uri.Manufacturer);
        Assert.Equal("X", uri.Model);
        Assert.Equal(7u, uri.SlotId);
        Assert.Equal("kek", uri.Object);
        Assert.Equal([0x01, 0xAF], uri.Id!);
        Assert.Equal("/usr/lib/x.so", uri.ModulePath);
        Assert.Equal("/etc/pin", uri.PinFile);
    }

    [Theory]
    [InlineData("file:/etc/pin")]
    [InlineData("file:///etc/pin")]
    [InlineData("/etc/pin")]
    public void The_source_of_a_pin_is_a_file(string source) => Assert.Equal("/etc/pin", TokenUri.Parse("pkcs11:?pin-source=" + source).PinFile);

    [Fact]
    public void The_place_of_a_store_is_read() => Assert.Equal("file:/var/lib/a b", TokenUri.Parse("pkcs11:token=x;x-store=file:/var/lib/a%20b").Store);

    [Theory]
    [InlineData("", "begins with")]
    [InlineData("PKCS11:", "begins with")]
    [InlineData("pkcs11:token", "no attribute")]
    [InlineData("pkcs11:colour=red", "no attribute")]
    [InlineData("pkcs11:library-version=3", "no attribute")]
    [InlineData("pkcs11:Token=x", "no attribute")]
    [InlineData("pkcs11:module-path=/x", "no attribute")]
    [InlineData("pkcs11:?token=x", "no attribute")]
    [InlineData("pkcs11:;", "no attribute")]
    [InlineData("pkcs11:token=x;", "no attribute")]
    [InlineData("pkcs11:token=a;token=a", "twice")]
    [InlineData("pkcs11:token=%4", "hex digits")]
    [InlineData("pkcs11:token=%", "hex digits")]
    [InlineData("pkcs11:token=%zz", "hex digits")]
    [InlineData("pkcs11:token=%+1", "hex digits")]
    [InlineData("pkcs11:token=a b", "percent-encoded")]
    [InlineData("pkcs11:token=ü", "percent-encoded")]
    [InlineData("pkcs11:token=\"", "percent-encoded")]
    [InlineData("pkcs11:type=private", "no attribute")]
    [InlineData("pkcs11:token=a%00b", "not text")]
    [InlineData("pkcs11:token=%00", "not text")]
    [InlineData("pkcs11:object=%ff", "not text")]
    [InlineData("pkcs11:serial=%c3%28", "not text")]
    [InlineData("pkcs11:model=%ed%a0%80", "not text")]
    [InlineData("pkcs11:manufacturer=%c0%80", "not text")]
    [InlineData("pkcs11:x-store=file:/a%00", "not text")]
    [InlineData("pkcs11:?module-path=/a%00.so", "not text")]
    [InlineData("pkcs11:?pin-source=file:/%ff", "not text")]
    [InlineData("pkcs11:slot-id=x", "not a number")]
    [InlineData("pkcs11:slot-id=-1", "not a number")]
    [InlineData("pkcs11:?pin-source=relative", "full path")]
    [InlineData("pkcs11:?pin-source=https://x", "full path")]
    [InlineData("pkcs11:a=1?b=2?c=3", "question mark")]
    public void Anything_else_is_refused_with_what_is_wrong(string uri, string says) =>
        Assert.Contains(says, Assert.Throws<ArgumentException>(() => TokenUri.Parse(uri)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("pkcs11:?pin-value=1234")]
    [InlineData("pkcs11:pin-value=1234")]
    [InlineData("pkcs11:?1234")]
    [InlineData("pkcs11:token=x?module-path=/x&1234")]
    public void A_pin_in_a_uri_is_refused_and_not_repeated(string uri)
    {
        string message = Assert.Throws<ArgumentException>(() => TokenUri.Parse(uri)).Message;

        Assert.Contains("pin-source", message, StringComparison.Ordinal);
        Assert.DoesNotContain("1234", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_as_it_was()
    {
        TokenIdentity token = new("my; token %", "s/1", "m", "x");

        string text = TokenUri.Write(token, "kek ü", [0, 255]);
        TokenUri uri = TokenUri.Parse(text);

        Assert.Equal((token.Label, token.Serial, "kek ü"), (uri.Token, uri.Serial, uri.Object));
        Assert.Equal([0, 255], uri.Id!);
        Assert.Equal("pkcs11:token=my%3B%20token%20%25;serial=s%2F1;object=kek%20%C3%BC;id=%00%ff", text);
    }
}

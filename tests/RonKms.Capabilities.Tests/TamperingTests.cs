using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RonKms.Capabilities.Serialization;

namespace RonKms.Capabilities.Tests;

/// <summary>Bytes that are not what was issued.</summary>
public sealed class TamperingTests : IDisposable
{
    private static readonly byte[] s_thirdPartyKey = new byte[32];

    private readonly MintedCapabilities _minted = new();

    public void Dispose() => _minted.Dispose();

    [Fact]
    public void Every_change_of_one_byte_is_refused()
    {
        Macaroon macaroon = _minted.Mint(CapabilityCaveat.AtMost(50));
        byte[] bytes = macaroon.Serialize();
        Assert.True(_minted.Ask(macaroon).IsAllowed);
        List<string> accepted = [];

        for (int i = 0; i < bytes.Length; i++)
        {
            byte right = bytes[i];
            for (int other = 0; other <= byte.MaxValue; other++)
            {
                bytes[i] = (byte)other;
                if (other != right && Macaroon.TryParse(bytes, out Macaroon? changed) && _minted.Ask(changed).IsAllowed)
                {
                    accepted.Add($"byte {i}: {other}");
                }
            }

            bytes[i] = right;
        }

        Assert.Empty(accepted);
    }

    [Fact]
    public void Every_change_of_one_byte_is_refused_with_a_discharge_too_but_for_hints()
    {
        Macaroon macaroon = _minted.Mint().AddThirdPartyCaveat(null, s_thirdPartyKey, "a"u8);
        byte[] bound = macaroon.BindDischarge(Macaroon.Create(null, s_thirdPartyKey, "a"u8).AddFirstPartyCaveat("rps=3")).Serialize();
        byte[][] both = [macaroon.Serialize(), bound];
        Assert.True(IsAllowed());
        List<string> accepted = [];

        foreach (byte[] bytes in both)
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                foreach (int flip in new[] { 0x01, 0x02, 0x04, 0x80, 0xFF })
                {
                    bytes[i] ^= (byte)flip;
                    if (IsAllowed())
                    {
                        accepted.Add($"byte {i}: {flip}");
                    }

                    bytes[i] ^= (byte)flip;
                }
            }
        }

        Assert.Empty(accepted);

        bool IsAllowed() => Macaroon.TryParse(both[0], out Macaroon? root) && Macaroon.TryParse(both[1], out Macaroon? discharge) && _minted.Ask(root, discharge).IsAllowed;
    }

    [Fact]
    public void Every_cut_and_everything_after_the_end_is_refused()
    {
        Macaroon macaroon = _minted.Mint().AddThirdPartyCaveat("https://auth.example/", s_thirdPartyKey, "a"u8);
        byte[] bytes = macaroon.Serialize();
        string text = macaroon.SerializeToText();

        Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.False(Macaroon.TryParse(bytes.AsSpan(0, length), out _)));
        Assert.All(Enumerable.Range(0, text.Length), length => Assert.False(Macaroon.TryParse(text[..length], out _)));
        Assert.False(Macaroon.TryParse([.. bytes, 0], out _));
        Assert.False(Macaroon.TryParse(text + "A", out _));
        Assert.False(Macaroon.TryParse(text + "\n", out _));
        Assert.False(Macaroon.TryParse(" " + text, out _));
        Assert.False(Macaroon.TryParse((string?)null, out _));
        Assert.Throws<FormatException>(() => Macaroon.Parse("x"));
    }

    [Fact]
    public void The_text_has_one_spelling_but_for_alphabet_and_padding()
    {
        byte[] bytes = _minted.Mint().Serialize();
        string text = Convert.ToBase64String(bytes);

        // An unused bit, white space, two alphabets.
        Assert.True(Macaroon.TryParse(text, out _));
        Assert.False(Base64Text.TryDecode("Z29+IR=="u8, out _));
        Assert.False(Base64Text.TryDecode("Z29+ IQ=="u8, out _));
        Assert.False(Base64Text.TryDecode("Z2+-"u8, out _));
        Assert.False(Base64Text.TryDecode("Z"u8, out _));
    }

    [Theory]
    [InlineData("02" + "020161" + "00" + "0101780201620000" + "0620")] // a location without a third party
    [InlineData("02" + "020161" + "00" + "020162040000" + "00" + "0620")] // an empty verification id
    [InlineData("02" + "0100020161" + "00" + "00" + "0620")] // an empty location
    [InlineData("02" + "0101FF020161" + "00" + "00" + "0620")] // a location that is not UTF-8
    [InlineData("02" + "020161030162" + "00" + "00" + "0620")] // an unknown field
    [InlineData("02" + "020161020162" + "00" + "00" + "0620")] // a field twice
    [InlineData("02" + "02810061" + "00" + "00" + "0620")] // a length in two bytes that fits in one
    [InlineData("02" + "010161" + "00" + "00" + "0620")] // no identifier
    [InlineData("02" + "020161" + "00" + "00" + "0520")] // another field for the signature
    [InlineData("03" + "020161" + "00" + "00" + "0620")] // another version
    public void Other_encodings_are_refused(string hex)
    {
        Assert.True(Macaroon.TryParse(Convert.FromHexString("0202016100000620" + new string('0', 64)), out _));
        Assert.False(Macaroon.TryParse(Convert.FromHexString(hex + new string('0', 64)), out _));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("\"x")]
    [InlineData("{\"v\":1,\"i\":\"a\",\"s64\":\"SIG\"}")]
    [InlineData("{\"v\":2,\"i\":\"a\",\"s64\":\"SIG\",\"x\":1}")]
    [InlineData("{\"v\":2,\"i\":\"a\",\"i\":\"a\",\"s64\":\"SIG\"}")]
    [InlineData("{\"v\":2,\"i\":5,\"s64\":\"SIG\"}")]
    [InlineData("{\"v\":2,\"i\":\"\\ud800\",\"s64\":\"SIG\"}")]
    [InlineData("{\"v\":2,\"i\":\"a\",\"s64\":\"SIG\",\"c\":{}}")]
    [InlineData("{\"v\":2,\"i\":\"a\",\"s64\":\"SIG\",\"c\":[1]}")]
    [InlineData("{\"v\":2,\"i\":\"a\",\"s64\":\"SIG\",\"c\":[{}]}")]
    [InlineData("{\"v\":2,\"i\":\"a\",\"s64\":\"SIG\",\"c\":[{\"i\":\"a\",\"l\":\"x\"}]}")]
    [InlineData("{\"v\":2,\"i\":\"a\",\"s64\":\"SIG\",\"c\":[[[[]]]]}")]
    [InlineData("{\"v\":2,\"i\":\"a\",\"s64\":\"SIG\"} ,")]
    [InlineData("{\"identifier\":\"a\",\"signature\":\"SIG\"}")]
    public void Other_json_is_refused(string json)
    {
        string signature = new('A', 43);

        Assert.True(Macaroon.TryParse("{\"v\":2,\"i\":\"a\",\"s64\":\"" + signature + "\"}", out _));
        Assert.False(Macaroon.TryParse(json.Replace("SIG", signature, StringComparison.Ordinal), out _));
    }

    [Fact]
    public void Nothing_larger_than_the_limits_is_read_or_made()
    {
        Macaroon full = Enumerable.Range(0, Macaroon.MaxCaveats).Aggregate(Macaroon.Create(null, s_thirdPartyKey, "a"u8), (made, _) => made.AddFirstPartyCaveat("x"));
        Assert.True(Macaroon.TryParse(full.Serialize(), out _));
        Assert.Throws<InvalidOperationException>(() => full.AddFirstPartyCaveat("x"));
        byte[] oneMore = [.. full.Serialize()[..^35], .. "\x02\x01x\0\0\x06\x20"u8, .. new byte[32]];
        Assert.False(Macaroon.TryParse(oneMore, out _));

        Assert.Throws<ArgumentException>(() => Macaroon.Create(null, s_thirdPartyKey, new byte[Macaroon.MaxSize]));
        Macaroon largest = Macaroon.Create(null, s_thirdPartyKey, new byte[Macaroon.MaxSize - 40]);
        Assert.Equal(Macaroon.MaxSize, largest.Serialize().Length);
        Assert.True(Macaroon.TryParse(largest.SerializeToText(), out _));
        Assert.Throws<InvalidOperationException>(() => largest.AddFirstPartyCaveat("x"));
        Assert.False(Macaroon.TryParse(new string('A', 100_000_000), out _));
        Assert.False(Macaroon.TryParse(new byte[1_000_000], out _));
    }

    [Fact]
    public void A_hostile_length_costs_nothing()
    {
        byte[] hostile = [2, 2, 0xFF, 0xFF, 0xFF, 0x7F];
        Assert.False(Macaroon.TryParse(hostile, out _));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(Macaroon.TryParse(hostile, out _));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
    }

    [Fact]
    public void No_bytes_make_reading_or_verifying_throw()
    {
        byte[][] seeds =
        [
            _minted.Mint().AddThirdPartyCaveat("https://auth.example/", s_thirdPartyKey, "a"u8).Serialize(),
            Encoding.ASCII.GetBytes(_minted.Mint().SerializeToText()),
            Encoding.ASCII.GetBytes("001clocation http://mybank/\n0026identifier we used our secret key\n002fsignature " + new string('x', 32) + "\n"),
            Encoding.ASCII.GetBytes("{\"v\":2,\"l\":\"x\",\"i\":\"a\",\"c\":[{\"i\":\"b\",\"v64\":\"AAAA\",\"l\":\"y\"}],\"s64\":\"" + new string('A', 43) + "\"}"),
            Encoding.ASCII.GetBytes("{\"location\":\"x\",\"identifier\":\"a\",\"caveats\":[{\"cid\":\"b\",\"vid\":\"AAAA\",\"cl\":\"y\"}],\"signature\":\"" + new string('a', 64) + "\"}"),
            [],
        ];
        Assert.All(seeds[..5], seed => Assert.True(Macaroon.TryParse(seed, out _)));
        Gen<byte[]> mutations =
            from seed in Gen.Elements(seeds)
            from edits in (from at in Gen.Choose(0, 600) from value in Gen.Choose(0, 255) from kind in Gen.Choose(0, 2) select (at, value, kind)).ListOf(6)
            select Mutate(seed, edits);

        Prop.ForAll(mutations.ToArbitrary(), bytes =>
        {
            bool isRead = Macaroon.TryParse(bytes, out Macaroon? macaroon);
            _ = Macaroon.TryParse(Encoding.Latin1.GetString(bytes), out _);

            // What is read is written in one way, and reads back.
            return !isRead || (_minted.Ask(macaroon!, macaroon!) is not null
                && Macaroon.TryParse(macaroon!.Serialize(), out Macaroon? again)
                && again.Serialize().AsSpan().SequenceEqual(macaroon.Serialize()));
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(20_000));
    }

    private static byte[] Mutate(byte[] seed, IEnumerable<(int At, int Value, int Kind)> edits)
    {
        List<byte> bytes = [.. seed];
        foreach ((int at, int value, int kind) in edits)
        {
            int index = at % (bytes.Count + 1);
            if (kind == 0 || index == bytes.Count)
            {
                bytes.Insert(index, (byte)value);
            }
            else if (kind == 1)
            {
                bytes[index] = (byte)value;
            }
            else
            {
                bytes.RemoveAt(index);
            }
        }

        return [.. bytes];
    }
}

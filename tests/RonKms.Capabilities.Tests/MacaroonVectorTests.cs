using System.Text;
using System.Text.Json;
using RonKms.Capabilities.Chain;
using RonKms.Capabilities.Serialization;
using RonKms.Tests;

namespace RonKms.Capabilities.Tests;

/// <summary>Macaroons of libmacaroons, go-macaroon, macaroon-rs and pymacaroons. All are taken as they say; no leniency of theirs is refused.</summary>
public sealed class MacaroonVectorTests
{
    private const string ThirdPartyRootKey = "4; guaranteed random by a fair toss of the dice";

    private static JsonElement Root => Vectors.Read("macaroons/macaroon_vectors.json");

    [Fact]
    public void Macaroons_are_made_with_the_signatures_and_bytes_of_the_vectors()
    {
        int count = 0;
        foreach (JsonElement vector in Root.GetProperty("creation").EnumerateArray())
        {
            Macaroon made = Macaroon.Create(vector.Text("location"), Bytes(vector.Text("rootKey")), Bytes(vector.Text("identifier")));
            foreach (JsonElement caveat in vector.GetProperty("caveats").EnumerateArray())
            {
                made = caveat.TryGetProperty("vid", out _)
                    ? made.Add(new MacaroonCaveat(Bytes(caveat.Text("cid")), caveat.Hex("vid"), caveat.Text("cl")))
                    : made.AddFirstPartyCaveat(caveat.Text("cid"));
            }

            string about = vector.Text("about");
            Assert.Equal(vector.Text("signature"), Convert.ToHexStringLower(made.Signature));
            Assert.Equal(vector.Text("v2Hex"), Convert.ToHexStringLower(made.Serialize()));
            Assert.Equal(made.Serialize(), Macaroon.Parse(vector.Text("v1")).Serialize());
            Assert.Equal(made.Serialize(), Macaroon.Parse(made.SerializeToText()).Serialize());
            Assert.True(Macaroon.TryParse(vector.Hex("v2Hex"), out Macaroon? read), about);
            Assert.Equal(made.Serialize(), read.Serialize());
            count++;
        }

        Assert.Equal(10, count);
    }

    [Fact]
    public void A_third_partys_key_is_encrypted_as_in_the_vector()
    {
        JsonElement vector = Root.GetProperty("creation").EnumerateArray().Single(v => v.Text("about").StartsWith("third-party", StringComparison.Ordinal));
        JsonElement caveat = vector.GetProperty("caveats")[1];
        Macaroon before = Macaroon.Create(vector.Text("location"), Bytes(vector.Text("rootKey")), Bytes(vector.Text("identifier")))
            .AddFirstPartyCaveat(vector.GetProperty("caveats")[0].Text("cid"));
        byte[] key = new byte[32];
        MacaroonHash.DeriveKey(Bytes(ThirdPartyRootKey), key);

        Assert.Equal(caveat.Hex("vid"), VerificationId.Seal(key, before.Signature, new byte[24]));
        byte[] opened = new byte[32];
        Assert.True(VerificationId.TryOpen(caveat.Hex("vid"), before.Signature, opened));
        Assert.Equal(key, opened);
    }

    [Fact]
    public void The_third_party_macaroon_of_the_vectors_verifies_with_its_discharge()
    {
        JsonElement[] vectors = [.. Root.GetProperty("creation").EnumerateArray()];
        Macaroon root = Macaroon.Parse(vectors.Single(v => v.Text("about").StartsWith("third-party", StringComparison.Ordinal)).Text("v1"));
        Macaroon discharge = Macaroon.Parse(vectors.Single(v => v.Text("about").StartsWith("discharge", StringComparison.Ordinal)).Text("v1"));
        byte[] first = FirstLink("this is a different super-secret key; never use the same secret twice", root);

        Assert.Equal(
            Root.GetProperty("binding")[0].Text("boundSignature"), Convert.ToHexStringLower(root.BindDischarge(discharge).Signature));
        MacaroonChain bound = new(root, [root.BindDischarge(discharge)]);
        Assert.Equal(CapabilityRefusal.None, bound.Verify(first));
        Assert.Equal(["account = 3735928559", "time < 2020-01-01T00:00"], bound.Predicates.Select(predicate => Encoding.UTF8.GetString(predicate.Span)));
        Assert.Equal(CapabilityRefusal.BadDischarge, new MacaroonChain(root, [discharge]).Verify(first));
        Assert.Equal(CapabilityRefusal.MissingDischarge, new MacaroonChain(root, []).Verify(first));
    }

    [Fact]
    public void The_forged_signature_does_not_verify()
    {
        JsonElement vector = Root.GetProperty("verification")[0];
        Macaroon forged = Macaroon.Parse(vector.Text("v1Base64"));

        Assert.Equal(CapabilityRefusal.BadSignature, new MacaroonChain(forged, []).Verify(FirstLink(vector.Text("rootKey"), forged)));
    }

    [Fact]
    public void Every_json_form_reads_as_the_third_party_macaroon()
    {
        byte[] expected = Root.GetProperty("creation").EnumerateArray().Single(v => v.Text("about").StartsWith("third-party", StringComparison.Ordinal)).Hex("v2Hex");
        JsonElement[] tests = [.. Root.GetProperty("jsonRoundTrip").GetProperty("tests").EnumerateArray()];

        Assert.Equal(5, tests.Length);
        Assert.All(tests, test => Assert.Equal(expected, Macaroon.Parse(test.Text("json")).Serialize()));
    }

    [Fact]
    public void Json_that_is_ambiguous_or_of_the_wrong_size_is_refused()
    {
        JsonElement[] tests = [.. Root.GetProperty("jsonDecodeError").GetProperty("tests").EnumerateArray()];

        Assert.Equal(6, tests.Length);
        Assert.All(tests, test => Assert.False(Macaroon.TryParse(test.Text("json"), out _), test.Text("about")));
    }

    [Fact]
    public void Base64_is_read_as_the_vectors_say()
    {
        JsonElement[] tests = [.. Root.GetProperty("base64Decode").GetProperty("tests").EnumerateArray()];

        Assert.Equal(6, tests.Length);
        Assert.All(tests, test =>
        {
            bool isRead = Base64Text.TryDecode(Bytes(test.Text("input")), out byte[] bytes);
            Assert.Equal(!test.GetProperty("error").GetBoolean(), isRead);
            Assert.Equal(test.GetProperty("output").GetString() ?? "", Encoding.UTF8.GetString(bytes));
        });
    }

    [Fact]
    public void Packets_of_the_first_form_are_read_as_the_vectors_say()
    {
        JsonElement[] tests = [.. Root.GetProperty("packetV1").GetProperty("tests").EnumerateArray()];

        Assert.Equal(7, tests.Length);
        Assert.All(tests, test =>
        {
            string text = test.Text("data");
            bool isLong = test.TryGetProperty("valueLength", out JsonElement valueLength);
            ReadOnlySpan<byte> data = Bytes(isLong ? text.PadRight(0xfedc - 1, 'x') + "\n" : text);
            bool isRead = PacketsV1.TryReadPacket(ref data, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);

            Assert.Equal(!test.TryGetProperty("error", out _), isRead);
            if (isRead)
            {
                Assert.Equal(test.Text("field"), Encoding.UTF8.GetString(name));
                Assert.Equal(isLong ? valueLength.GetInt32() : test.Text("value").Length, value.Length);
                Assert.True(data.IsEmpty);
            }
        });
    }

    [Fact]
    public void Fields_of_the_binary_form_are_read_as_the_vectors_say()
    {
        JsonElement[] tests = [.. Root.GetProperty("packetV2").GetProperty("tests").EnumerateArray()];

        Assert.Equal(8, tests.Length);
        Assert.All(tests, test =>
        {
            ReadOnlySpan<byte> data = test.Hex("hex");
            bool isRead = BinaryV2.TryReadField(ref data, out int type, out ReadOnlySpan<byte> content);

            Assert.Equal(!test.TryGetProperty("error", out _), isRead);
            if (isRead)
            {
                Assert.Equal(test.Number("fieldType"), type);
                Assert.Equal(test.TryGetProperty("value", out JsonElement value) ? value.GetString() : "", Encoding.UTF8.GetString(content));
            }
        });
    }

    [Fact]
    public void Sections_of_the_binary_form_are_read_as_the_vectors_say()
    {
        JsonElement[] tests = [.. Root.GetProperty("sectionV2").GetProperty("tests").EnumerateArray()];

        Assert.Equal(6, tests.Length);
        Assert.All(tests, test =>
        {
            ReadOnlySpan<byte> data = test.Hex("hex");
            bool isRead = BinaryV2.TryReadSection(ref data, out SortedList<int, byte[]> fields);

            Assert.Equal(!test.TryGetProperty("error", out _), isRead);
            if (isRead)
            {
                Assert.Equal(
                    test.GetProperty("fields").EnumerateArray().Select(field => (field[0].GetInt32(), field[1].GetString())),
                    fields.Select(field => (field.Key, (string?)Encoding.UTF8.GetString(field.Value))));
            }
        });
    }

    [Fact]
    public void Libmacaroons_verification_tests_come_out_as_they_say()
    {
        string[] files = Directory.GetFiles(Vectors.PathOf("macaroons/libmacaroons"), "*.vtest");

        Assert.Equal(16, files.Length);
        Assert.All(files, file =>
        {
            string[] lines = [.. File.ReadAllLines(file).Where(line => line.Length > 0 && line[0] != '#')];
            bool isAuthorized = lines[1] == "authorized";
            Assert.True(isAuthorized || lines[1] == "unauthorized");
            string key = lines[2]["key ".Length..];
            string[] exact = [.. lines.Where(line => line.StartsWith("exact ", StringComparison.Ordinal)).Select(line => line["exact ".Length..])];
            Macaroon[] macaroons = [.. lines.Skip(3 + exact.Length).Select(ReadEncoded)];

            MacaroonChain chain = new(macaroons[0], macaroons[1..]);
            bool verifies = chain.Verify(FirstLink(key, macaroons[0])) == CapabilityRefusal.None
                && chain.Predicates.All(predicate => exact.Contains(Encoding.UTF8.GetString(predicate.Span)));
            Assert.Equal(isAuthorized, verifies);
        });
    }

    [Fact]
    public void Libmacaroons_serialisations_of_one_macaroon_read_as_one()
    {
        string[] files = Directory.GetFiles(Vectors.PathOf("macaroons/libmacaroons"), "serialization_*");

        Assert.Equal(3, files.Length);
        Assert.All(files, file =>
        {
            string[][] lines = [.. File.ReadAllLines(file).Select(line => line.Split(' '))];
            Assert.Equal(["v1", "v2", "v2j"], lines.Select(line => line[0]));
            byte[] binary = Decode(lines[1][1]);
            Assert.All(lines, line => Assert.Equal(binary, ReadEncoded(line[1]).Serialize()));
        });
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Decode(string base64)
    {
        Assert.True(Base64Text.TryDecode(Bytes(base64), out byte[] bytes));
        return bytes;
    }

    private static Macaroon ReadEncoded(string base64)
    {
        Assert.True(Macaroon.TryParse(Decode(base64), out Macaroon? macaroon), base64);
        return macaroon;
    }

    private static byte[] FirstLink(string rootKey, Macaroon macaroon)
    {
        byte[] link = new byte[32];
        MacaroonHash.DeriveKey(Bytes(rootKey), link);
        MacaroonHash.Link(link, macaroon.Identifier.Span, link);
        return link;
    }
}

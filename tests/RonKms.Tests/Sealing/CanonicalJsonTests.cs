using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms.Tests.Sealing;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void Every_value_of_the_vectors_is_written_in_the_same_bytes() => OwnVectors.Read("canonical.json").Each("cases", 18, test =>
    {
        CanonicalJson json = new();
        Write(json, test.GetProperty("value"));
        Assert.Equal(test.Text("canonical"), Encoding.UTF8.GetString(json.Written));
        Assert.Equal(test.Text("sha256"), Convert.ToHexStringLower(SHA256.HashData(json.Written)));
    });

    [Fact]
    public void What_is_not_canonical_is_no_description_of_a_store() => OwnVectors.Read("canonical.json").Each("refused", 46, test =>
    {
        KmsException refusal = Assert.Throws<KmsException>(() => StoreDescription.Read(test.Hex("hex"), "test"));
        Assert.Equal(KmsError.SealedCorrupt, refusal.Error);
    });

    /// <summary>The library reads JSON only as store.json and as journal lines. The refused text stands here for a line's labels, the one object
    /// that others fill; the line has a right MAC, so that only its form is at fault.</summary>
    [Fact]
    public void What_is_not_canonical_makes_no_journal_line()
    {
        using StoreKey storeKey = StoreKey.Generate();
        JournalLineReader reader = new(storeKey);
        Assert.Equal(JournalLineStatus.Valid, reader.Read(LineWithLabels(storeKey, "{\"a\":\"A\"}"u8), out _));
        OwnVectors.Read("canonical.json").Each("refused", 46, test =>
            Assert.Equal(JournalLineStatus.Malformed, reader.Read(LineWithLabels(storeKey, test.Hex("hex")), out _)));
    }

    private static byte[] LineWithLabels(StoreKey storeKey, ReadOnlySpan<byte> labels)
    {
        byte[] before = [.. "{\"alg\":\"aes256gcm\",\"base\":1,\"kid\":\"a/b/aes256gcm/0f8b2c4e-9d31-4a67-8b5e-1c2d3e4f5a6b#v1\",\"labels\":"u8, .. labels, (byte)','];
        byte[] after = Encoding.UTF8.GetBytes(
            $"\"not_after_ms\":0,\"op\":\"create\",\"prev\":\"{new string('0', 64)}\",\"record\":\"{new string('1', 64)}\",\"seq\":2,\"time_ms\":1}}");
        byte[] mac = new byte[32];
        storeKey.MacJournalLine([.. before, .. after], mac);
        return [.. before, .. Encoding.UTF8.GetBytes($"\"mac\":\"{Convert.ToHexStringLower(mac)}\","), .. after];
    }

    private static void Write(CanonicalJson json, JsonElement value)
    {
        json.BeginObject();
        foreach (JsonProperty member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            byte[] name = Encoding.UTF8.GetBytes(member.Name);
            switch (member.Value.ValueKind)
            {
                case JsonValueKind.String: json.Member(name, member.Value.GetString()!); break;
                case JsonValueKind.Number: json.Member(name, member.Value.GetInt64()); break;
                case JsonValueKind.Object:
                    json.Name(name);
                    Write(json, member.Value);
                    break;
                default: throw new NotSupportedException($"The formats have no {member.Value.ValueKind}.");
            }
        }

        json.EndObject();
    }
}

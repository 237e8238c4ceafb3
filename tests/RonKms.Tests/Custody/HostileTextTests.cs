using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms.Tests.Custody;

/// <summary>Text that is well authenticated, or not yet authenticated, and says anything whatever: the answer is a <see cref="KmsException"/>.</summary>
public sealed class HostileTextTests : IDisposable
{
    private static readonly string[] s_values =
    [
        "null", "true", "false", "[]", "{}", "[[[[[[[[[[]]]]]]]]]]", "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":1}}}}}}}}",
        "0", "-1", "-0", "1.5", "1e3", "1e400", "9007199254740991", "9007199254740992", "9223372036854775807", "9223372036854775808", "99999999999999999999999999",
        "\"\"", "\"a\"", "\"\\ud800\"", "\"\\u0000\"", "\"\\u0041\"", "\"none\"", "\"destroyed\"", "\"create\"", "\"ed25519\"", "\"ED25519\"", "\"passphrase\"", "\"argon2id\"",
        "\"ZZ\"", "\"AAAA\"", "\"=\"", "\"0f8b2c4e-9d31-4a67-8b5e-1c2d3e4f5a6b\"", "\"{0f8b2c4e-9d31-4a67-8b5e-1c2d3e4f5a6b}\"", "\"+f8b2c4e-0x31-4a67-8b5e-1c2d3e4f5a6b\"",
        "\"a/b/ed25519/0f8b2c4e-9d31-4a67-8b5e-1c2d3e4f5a6b#v4294967295\"", "\"a/b/ed25519/0f8b2c4e-9d31-4a67-8b5e-1c2d3e4f5a6b#v4294967296\"",
        "\"a/b/ed25519/0f8b2c4e-9d31-4a67-8b5e-1c2d3e4f5a6b#latest\"", "\"///\"", "\"a/b/new/x\"",
        "{\"a\":\"b\"}", "{\"a\":\"b\",\"a\":\"b\"}", "{\"\\ud800\":\"b\"}", "{\"mac\":\"b\"}", "{\"a\":1}", "{\"kind\":\"keyfile\",\"x\":0}", "{\"kind\":1}", "{\"kdf\":\"argon2id\"}",
        "{\"gen\":1,\"head\":\"\",\"seq\":1}", "{\"gen\":9223372036854775808,\"seq\":1}", "nul", "", "\"", "\u0001",
    ];

    private readonly CraftedStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Any_value_of_any_member_of_a_description_is_answered_with_a_refusal()
    {
        string text = Encoding.UTF8.GetString(_store.Image.Description!);
        Dictionary<string, string> members = JsonDocument.Parse(text).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetRawText());
        int refused = 0;
        foreach (string name in (string[])[.. members.Keys, "a", "zz"])
        {
            foreach (string value in s_values.Where(value => !members.TryGetValue(name, out string? was) || was != value))
            {
                // With a sum that is right, as anybody can make it.
                SortedDictionary<string, string> changed = new(members, StringComparer.Ordinal) { [name] = value };
                string summed = Join(changed.Where(member => member.Key is not ("sum" or "mac")));
                if (name != "sum") changed["sum"] = $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(summed)))}\"";
                using ImageStore image = new() { Description = Encoding.UTF8.GetBytes(Join(changed)), Journal = _store.Image.Journal };
                KmsException refusal = Assert.Throws<KmsException>(() => Keystore.Open(image, _store.Kek()));
                Assert.Contains(refusal.Error, (KmsError[])[KmsError.SealedCorrupt, KmsError.WrongKek, KmsError.NewerFormat]);
                Assert.Null(image.Settlement);
                refused++;
            }
        }

        Assert.True(refused > 400);
    }

    [Fact]
    public void Any_value_of_any_member_of_an_authentic_line_is_answered_or_refused()
    {
        KeyId aes = new("acme", "wrap", KeyAlgorithm.Aes256Gcm, Guid.NewGuid(), 1);
        KeyId ed = new("acme", "sign", KeyAlgorithm.Ed25519, Guid.NewGuid(), 1);
        Digest digest = Digest.Of("x"u8);
        CustodyEvent[] events =
        [
            new() { Op = CustodyOp.Create, Key = aes, Record = digest, Labels = [new("a", "b")], NotAfterMs = 5 },
            new() { Op = CustodyOp.Import, Key = ed, Record = digest, PublicKey = digest },
            new() { Op = CustodyOp.Rotate, Key = aes.WithVersion(2), Record = digest },
            new() { Op = CustodyOp.Disable, Key = aes },
            new() { Op = CustodyOp.State, Key = ed.WithVersion(3), Record = digest, PublicKey = digest, State = KeyState.Disabled },
            new() { Op = CustodyOp.Annex, AnnexDigest = digest, AnnexType = "approval" },
            new() { Op = CustodyOp.Rewrap, Store = Digest.Of(_store.Image.Description) },
            new() { Op = CustodyOp.Anchor, Anchor = "none" },
        ];
        foreach (CustodyEvent e in events.Where(e => e.Op != CustodyOp.State))
        {
            _store.Add(e);
        }

        int tried = 0;
        string[] all = ["a", "alg", "anchor", "base", "digest", "from", "kid", "labels", "not_after_ms", "op", "prev", "public", "reason", "record", "seq", "state", "store", "store_id", "time_ms", "type", "zz"];
        byte[][] lines = [.. _store.Lines, LineOf(events[4])];
        for (int i = 0; i < lines.Length; i++)
        {
            Dictionary<string, string> members = JsonDocument.Parse(lines[i]).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetRawText());
            members.Remove("mac");
            byte[] before = [.. lines.Take(i).SelectMany(line => line)];
            foreach (string name in all)
            {
                foreach (string value in s_values)
                {
                    Answers([.. before, .. Sign(new SortedDictionary<string, string>(members, StringComparer.Ordinal) { [name] = value }), (byte)'\n']);
                    tried++;
                }

                SortedDictionary<string, string> without = new(members, StringComparer.Ordinal);
                if (without.Remove(name)) Answers([.. before, .. Sign(without), (byte)'\n']);
            }
        }

        Assert.True(tried > 8000);
    }

    private static string Join(IEnumerable<KeyValuePair<string, string>> members) =>
        $"{{{string.Join(',', members.Select(member => $"\"{member.Key}\":{member.Value}"))}}}";

    private static byte[] LineOf(CustodyEvent e)
    {
        using StoreKey any = StoreKey.Generate();
        return new JournalLineWriter().Write(e, any);
    }

    private byte[] Sign(SortedDictionary<string, string> members)
    {
        byte[] mac = new byte[32];
        _store.StoreKey.MacJournalLine(Encoding.UTF8.GetBytes(Join(members)), mac);
        members["mac"] = $"\"{Convert.ToHexStringLower(mac)}\"";
        return Encoding.UTF8.GetBytes(Join(members));
    }

    private void Answers(byte[] journal)
    {
        using ImageStore image = new() { Description = _store.Image.Description, Journal = journal };
        try
        {
            StoreOpening.Replay(image, _store.StoreKey, 1, Digest.Of(image.Description), _ => Assert.Fail("An authentic line was taken for a torn one."));
        }
        catch (KmsException e)
        {
            Assert.Contains(e.Error, (KmsError[])[KmsError.SealedCorrupt, KmsError.NewerFormat, KmsError.Rollback]);
            Assert.Null(image.Settlement);
        }
    }
}

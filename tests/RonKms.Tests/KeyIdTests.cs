using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace RonKms.Tests;

public sealed class KeyIdTests
{
    private const string Text = "acme/signing/ed25519/0f8b2c4e-9d31-4a67-8b5e-1c2d3e4f5a6b#v7";

    private static readonly Gen<KeyId> s_ids =
        from tenant in Label()
        from purpose in Label()
        from algorithm in Gen.Elements(KeyAlgorithm.All.ToArray())
        from bytes in Gen.ArrayOf(Gen.Choose(0, 255).Select(b => (byte)b), 16)
        from version in Gen.OneOf(Gen.Constant(0u), Gen.Constant(1u), Gen.Constant(uint.MaxValue), Gen.Choose(1, int.MaxValue).Select(v => (uint)v))
        select new KeyId(tenant, purpose, algorithm, new Guid(bytes, bigEndian: true), version);

    [Fact]
    public void Names_of_the_vectors_are_read_and_printed() => OwnVectors.Read("keyids.json").Each("valid", 46, test =>
    {
        Assert.True(KeyId.TryParse(test.Text("text"), out KeyId? id));
        Assert.Equal(test.Text("tenant"), id.Tenant);
        Assert.Equal(test.Text("purpose"), id.Purpose);
        Assert.Equal(test.Text("alg"), id.Algorithm.Name);
        Assert.Equal(test.Uuid("uuid"), id.Uuid);
        JsonElement version = test.GetProperty("version");
        if (version.ValueKind == JsonValueKind.String)
        {
            Assert.True(id.IsLatest);
            Assert.Equal(0u, id.Version);
            Assert.Equal(JsonValueKind.Null, test.GetProperty("printed").ValueKind);
        }
        else
        {
            Assert.False(id.IsLatest);
            Assert.Equal(version.GetUInt32(), id.Version);
            Assert.Equal(test.Text("printed"), id.ToString());
        }

        Assert.Equal(id, KeyId.Parse(id.ToString()));
    });

    [Fact]
    public void Names_that_the_vectors_refuse_are_refused() => OwnVectors.Read("keyids.json").Each("invalid", 97, test =>
    {
        Assert.False(KeyId.TryParse(test.Text("text"), out KeyId? id));
        Assert.Null(id);
        Assert.Throws<FormatException>(() => KeyId.Parse(test.Text("text")));
    });

    [Fact]
    public void What_is_printed_reads_back_the_same() => Prop.ForAll(s_ids.ToArbitrary(), id =>
    {
        string text = id.ToString();
        KeyId read = KeyId.Parse(text);
        Span<char> destination = stackalloc char[text.Length];
        return read == id
            && read.GetHashCode() == id.GetHashCode()
            && read.ToString() == text
            && id.TryFormat(destination, out int written, default, null) && written == text.Length && destination.SequenceEqual(text)
            && !id.TryFormat(destination[1..], out _, default, null)
            && read.IsLatest == (id.Version == 0)
            && read.Latest.IsLatest
            && read.Latest.IsSameKey(id);
    }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(500));

    [Fact]
    public void Only_the_letter_case_of_algorithm_and_uuid_may_differ() => Prop.ForAll(s_ids.ToArbitrary(), id =>
    {
        string[] parts = id.ToString().Split('/');
        string[] last = parts[3].Split('#');
        string upper = $"{parts[0]}/{parts[1]}/{parts[2].ToUpperInvariant()}/{last[0].ToUpperInvariant()}#{last[1]}";
        return KeyId.Parse(upper) == id && KeyId.Parse(upper).ToString() == id.ToString();
    }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(200));

    [Fact]
    public void Every_single_character_that_is_changed_left_out_or_added_gives_another_name_or_none()
    {
        KeyId id = KeyId.Parse(Text);
        const string Alphabet = "aZ09._-/#v \0é";
        for (int i = 0; i <= Text.Length; i++)
        {
            foreach (char c in Alphabet)
            {
                Differs(Text.Insert(i, c.ToString(CultureInfo.InvariantCulture)));
                if (i < Text.Length && char.ToLowerInvariant(c) != char.ToLowerInvariant(Text[i]))
                {
                    Differs(string.Concat(Text.AsSpan(0, i), [c], Text.AsSpan(i + 1)));
                }
            }

            if (i < Text.Length)
            {
                Differs(Text.Remove(i, 1));
            }
        }

        void Differs(string changed) => Assert.False(
            changed != Text && KeyId.TryParse(changed, out KeyId? other) && (other == id || other.ToString() == Text), changed);
    }

    [Fact]
    public void Names_are_equal_only_where_every_part_is()
    {
        KeyId id = KeyId.Parse(Text);
        Assert.True(id == KeyId.Parse(Text));
        Assert.False(id != KeyId.Parse(Text));
        Assert.False(id == null);
        Assert.True((KeyId?)null == null);
        Assert.NotEqual(id, KeyId.Parse(Text.Replace("acme", "Acme")));
        Assert.NotEqual(id, KeyId.Parse(Text.Replace("signing", "Signing")));
        Assert.NotEqual(id, KeyId.Parse(Text.Replace("ed25519", "x25519")));
        Assert.NotEqual(id, KeyId.Parse(Text.Replace("0f8b", "1f8b")));
        Assert.NotEqual(id, KeyId.Parse(Text.Replace("#v7", "#v8")));
        Assert.NotEqual(id, id.Latest);
        Assert.Equal(id.Latest, KeyId.Parse(Text.Replace("#v7", "#latest")));
    }

    [Fact]
    public void An_algorithm_that_is_not_known_is_told_from_another_form()
    {
        string unknown = Assert.Throws<FormatException>(() => KeyId.Parse(Text.Replace("ed25519", "ed448"))).Message;
        string malformed = Assert.Throws<FormatException>(() => KeyId.Parse(Text.Replace("#v7", "#7"))).Message;

        Assert.Contains("its algorithm is not one of ed25519, x25519, ", unknown, StringComparison.Ordinal);
        Assert.Contains(", composite-mldsa65-ed25519.", unknown, StringComparison.Ordinal);
        Assert.Contains("tenant/purpose/algorithm/uuid#vN", malformed, StringComparison.Ordinal);
    }

    private static Gen<string> Label() =>
        from length in Gen.Frequency((3, Gen.Choose(1, 12)), (1, Gen.Constant(64)))
        from characters in Gen.ArrayOf(Gen.Elements("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".ToCharArray()), length)
        select new string(characters);
}

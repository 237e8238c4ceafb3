using System.Security.Cryptography;
using System.Text;
using RonKms.Fuzz.Engine;
using RonKms.Sealing;

namespace RonKms.Fuzz.Targets;

/// <summary>store.json: whatever a sum is made right for is read or refused, and written again to the same bytes.</summary>
internal static class StoreDescriptionTarget
{
    private static readonly StoreKey s_storeKey = new(new Guid("9eec2774-8c28-4ee1-98e8-a232bfe9ee02"), SecretBytes.CopyOf(new byte[StoreKey.Size]));

    internal static FuzzTarget Target { get; } = new("store-json", Run)
    {
        Expects = static e => e is KmsException { Error: KmsError.SealedCorrupt or KmsError.NewerFormat },
        Tokens =
        [
            "\"format\":\"ronk-store/1\"", "\"ronk-store/2\"", "\"gen\":", "\"kek\":{", "\"kind\":\"keyfile\"", "\"passphrase\"", "\"pkcs11\"", "\"mac\":\"",
            "\"store_id\":\"", "\"sum\":\"", "\"wrapped_key\":\"", "9007199254740991", "\\u0000", "\\\"", "{}", "[]", "null", "true", ",", "}",
        ],
        Seeds = static source => source.Texts("ronk/storejson.json", "cases", "store_json"),
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        byte[] summed = Summed(input);
        StoreDescription read = StoreDescription.Read(summed, "here");
        _ = read.IsAuthentic(s_storeKey);

        // Every member but mac and sum, which follow from the key, is as it was.
        byte[] written = read.WriteFor(read.Generation, s_storeKey);
        Oracle.Same(Blank(summed), Blank(written));
        Oracle.Holds(StoreDescription.Read(written, "here").IsAuthentic(s_storeKey), "its own MAC is not taken");
    }

    /// <summary>The input with the sum that it ought to have: a changed one would be refused for that alone.</summary>
    private static byte[] Summed(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        if (Find(bytes, "\"mac\":\""u8, out Range mac) && Find(bytes, "\"sum\":\""u8, out Range sum))
        {
            byte[] unsummed = Without(Without(bytes, "\"sum\":\""u8), "\"mac\":\""u8);
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(unsummed))).CopyTo(bytes.AsSpan(sum));
        }

        return bytes;
    }

    private static byte[] Blank(byte[] json)
    {
        byte[] blank = [.. json];
        foreach (string name in new[] { "\"mac\":\"", "\"sum\":\"" })
        {
            if (Find(blank, Encoding.ASCII.GetBytes(name), out Range digits))
            {
                blank.AsSpan(digits).Clear();
            }
        }

        return blank;
    }

    private static byte[] Without(byte[] json, ReadOnlySpan<byte> name)
    {
        int at = json.AsSpan().LastIndexOf(name);
        return at < 0 ? json : [.. json.AsSpan(0, at), .. json.AsSpan(Math.Min(json.Length, at + name.Length + 66))];
    }

    private static bool Find(byte[] json, ReadOnlySpan<byte> name, out Range digits)
    {
        int start = json.AsSpan().LastIndexOf(name) + name.Length;
        digits = start..(start + 64);
        return start >= name.Length && start + 64 <= json.Length;
    }
}

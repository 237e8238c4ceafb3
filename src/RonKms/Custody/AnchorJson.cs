using System.Text.Json;
using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>An anchor's head as canonical JSON: what its MAC is made over, and what an anchor file holds.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 4.</remarks>
internal static class AnchorJson
{
    private const string Format = "ronk-anchor/1";

    /// <summary>Writes a head whole.</summary>
    internal static byte[] Write(AnchorHead head) => Write(head.StoreId, head.Seq, head.Head, head.Mac);

    /// <summary>Writes what the MAC is made over.</summary>
    internal static byte[] WriteUnsigned(Guid storeId, long seq, string head) => Write(storeId, seq, head, null);

    /// <summary>Reads a head, and vouches for its form alone.</summary>
    /// <returns>The head, or <see langword="null"/> where the bytes are not exactly what <see cref="Write(AnchorHead)"/> makes of one.</returns>
    internal static AnchorHead? Read(ReadOnlySpan<byte> json)
    {
        AnchorHead? head;
        try
        {
            head = Parse(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }

        return head is not null && Write(head).AsSpan().SequenceEqual(json) ? head : null;
    }

    private static AnchorHead? Parse(ReadOnlySpan<byte> json)
    {
        Guid storeId = default;
        long seq = 0;
        string? head = null;
        string? mac = null;
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 1 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "head": head = reader.GetString(); break;
                case "mac": mac = reader.GetString(); break;
                case "seq": seq = reader.GetInt64(); break;
                case "store_id": storeId = Guid.ParseExact(reader.GetString() ?? string.Empty, "D"); break;
                default: break;
            }
        }

        // What else stands there, or is missing, is not written again.
        return head is null || mac is null ? null : new AnchorHead(storeId, seq, head, mac);
    }

    private static byte[] Write(Guid storeId, long seq, string head, string? mac)
    {
        CanonicalJson json = new();
        json.BeginObject();
        json.Member("format"u8, Format);
        json.Member("head"u8, head);
        if (mac is not null)
        {
            json.Member("mac"u8, mac);
        }

        json.Member("seq"u8, seq);
        json.Member("store_id"u8, storeId.ToString("D"));
        json.EndObject();
        return json.Written.ToArray();
    }
}

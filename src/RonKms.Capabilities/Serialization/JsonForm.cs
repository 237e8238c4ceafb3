using System.Buffers;
using System.Text;
using System.Text.Json;
using RonKms.Capabilities.Chain;

namespace RonKms.Capabilities.Serialization;

/// <summary>The JSON forms: v2, and the one of libmacaroons' first version. Read only. Strict: no unknown and no repeated member.</summary>
/// <remarks>Source: libmacaroons, doc/format.txt; the first version's by its test vectors.</remarks>
internal static class JsonForm
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 3, AllowDuplicateProperties = false };

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    private static readonly string[] s_members = ["v", "l", "i", "i64", "c", "s", "s64"];
    private static readonly string[] s_caveatMembers = ["l", "i", "i64", "v", "v64"];
    private static readonly string[] s_firstMembers = ["location", "identifier", "caveats", "signature"];
    private static readonly string[] s_firstCaveatMembers = ["cl", "cid", "vid"];

    internal static Macaroon? Read(ReadOnlySpan<byte> json) => Read(
        json,
        root => root.ValueKind != JsonValueKind.Object ? null : root.TryGetProperty("signature"u8, out _) ? ReadFirst(root) : ReadV2(root));

    /// <summary>Reads a JSON string that holds base64.</summary>
    internal static Macaroon? ReadQuoted(ReadOnlySpan<byte> json) => Read(
        json,
        root => root.ValueKind == JsonValueKind.String ? MacaroonReader.ReadBase64(Encoding.UTF8.GetBytes(root.GetString()!)) : null);

    private static Macaroon? Read(ReadOnlySpan<byte> json, Func<JsonElement, Macaroon?> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json.ToArray(), s_options);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or text in it that is not Unicode: no macaroon either way.
            return null;
        }
    }

    private static Macaroon? ReadV2(JsonElement root)
    {
        if (!HasOnly(root, s_members)
            || (root.TryGetProperty("v", out JsonElement version) && version.GetRawText() is not ("2" or "\"2\""))
            || !TryReadText(root, "l", out string? location)
            || !TryReadData(root, "i", out byte[]? identifier)
            || identifier is null
            || !TryReadData(root, "s", out byte[]? signature)
            || !TryReadCaveats(root, "c", ReadCaveat, out MacaroonCaveat[] caveats))
        {
            return null;
        }

        return signature?.Length == MacaroonHash.Size ? new Macaroon(location, identifier, caveats, signature) : null;

        static MacaroonCaveat? ReadCaveat(JsonElement caveat) =>
            HasOnly(caveat, s_caveatMembers)
            && TryReadText(caveat, "l", out string? location)
            && TryReadData(caveat, "i", out byte[]? identifier)
            && identifier is not null
            && TryReadData(caveat, "v", out byte[]? verificationId)
                ? CaveatOf(identifier, verificationId, location)
                : null;
    }

    private static Macaroon? ReadFirst(JsonElement root)
    {
        if (!HasOnly(root, s_firstMembers)
            || !TryReadText(root, "location", out string? location)
            || !TryReadText(root, "identifier", out string? identifier)
            || identifier is null
            || !TryReadText(root, "signature", out string? signature)
            || signature?.Length != 2 * MacaroonHash.Size
            || signature.AsSpan().ContainsAnyExcept(s_digits)
            || !TryReadCaveats(root, "caveats", ReadCaveat, out MacaroonCaveat[] caveats))
        {
            return null;
        }

        return new Macaroon(location, Encoding.UTF8.GetBytes(identifier), caveats, Convert.FromHexString(signature));

        static MacaroonCaveat? ReadCaveat(JsonElement caveat)
        {
            byte[]? verificationId = null;
            return HasOnly(caveat, s_firstCaveatMembers)
                && TryReadText(caveat, "cl", out string? location)
                && TryReadText(caveat, "cid", out string? identifier)
                && identifier is not null
                && TryReadText(caveat, "vid", out string? encoded)
                && (encoded is null || Base64Text.TryDecode(Encoding.UTF8.GetBytes(encoded), out verificationId))
                    ? CaveatOf(Encoding.UTF8.GetBytes(identifier), verificationId, location)
                    : null;
        }
    }

    // As in the binary form: a location says where a third party is, and an empty verification id would pass for none.
    private static MacaroonCaveat? CaveatOf(byte[] identifier, byte[]? verificationId, string? location) =>
        verificationId is null or { Length: > 0 } && (location is null || verificationId is not null)
            ? new MacaroonCaveat(identifier, verificationId, location)
            : null;

    private static bool HasOnly(JsonElement element, string[] names) =>
        element.ValueKind == JsonValueKind.Object && element.EnumerateObject().All(member => names.Contains(member.Name));

    private static bool TryReadCaveats(JsonElement root, string name, Func<JsonElement, MacaroonCaveat?> read, out MacaroonCaveat[] caveats)
    {
        caveats = [];
        if (!root.TryGetProperty(name, out JsonElement list))
        {
            return true;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > Macaroon.MaxCaveats)
        {
            return false;
        }

        caveats = [.. list.EnumerateArray().Select(read).OfType<MacaroonCaveat>()];
        return caveats.Length == list.GetArrayLength();
    }

    /// <summary>Reads a text that may be missing; an empty one is missing.</summary>
    private static bool TryReadText(JsonElement element, string name, out string? text)
    {
        text = null;
        if (!element.TryGetProperty(name, out JsonElement value))
        {
            return true;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        text = value.GetString() is { Length: > 0 } given ? given : null;
        return true;
    }

    /// <summary>Reads bytes that may be missing: as text under a name, or in base64 under the name with 64 after it, never both.</summary>
    private static bool TryReadData(JsonElement element, string name, out byte[]? bytes)
    {
        bytes = null;
        bool isText = element.TryGetProperty(name, out JsonElement text);
        bool isBase64 = element.TryGetProperty(name + "64", out JsonElement encoded);
        if (isText == isBase64)
        {
            return !isText;
        }

        JsonElement value = isText ? text : encoded;
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        bytes = Encoding.UTF8.GetBytes(value.GetString()!);
        return isText || Base64Text.TryDecode(bytes, out bytes);
    }
}

using System.Text;
using RonKms.Interop;

namespace RonKms.Capabilities.Serialization;

/// <summary>Base64 whose time does not depend on what is encoded: a macaroon's signature is a secret. Strict: no white space, no unused bits.</summary>
internal static class Base64Text
{
    // sodium/utils.h
    private const int OriginalNoPadding = 3;
    private const int UrlSafe = 5;
    private const int UrlSafeNoPadding = 7;

    /// <summary>Encodes, URL-safe and without padding.</summary>
    internal static string Encode(ReadOnlySpan<byte> bytes)
    {
        // With the zero byte that ends it.
        byte[] text = new byte[(((bytes.Length * 4) + 2) / 3) + 1];
        _ = Libsodium.sodium_bin2base64(text, (nuint)text.Length, bytes, (nuint)bytes.Length, UrlSafeNoPadding);
        return Encoding.ASCII.GetString(text.AsSpan(0, text.Length - 1));
    }

    /// <summary>Decodes either alphabet, but not a mixture of both, padded or not.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        bool isPadded = text.EndsWith("="u8);
        int variant = text.ContainsAny("+/"u8)
            ? isPadded ? Libsodium.sodium_base64_VARIANT_ORIGINAL : OriginalNoPadding
            : isPadded ? UrlSafe : UrlSafeNoPadding;
        byte[] room = new byte[(text.Length * 3 / 4) + 3];
        bool isBase64 = Libsodium.sodium_base642bin(room, (nuint)room.Length, text, (nuint)text.Length, 0, out nuint length, 0, variant) == 0;
        bytes = isBase64 ? room[..(int)length] : [];
        return isBase64;
    }
}

namespace RonKms.Capabilities.Serialization;

/// <summary>Reads every form, told apart by its first byte, which no two forms share.</summary>
internal static class MacaroonReader
{
    /// <summary>The most bytes that are looked at: the largest macaroon as JSON in base64, with room for names.</summary>
    internal const int MaxInput = 2 * Macaroon.MaxSize;

    /// <summary>Reads a macaroon, or nothing where the bytes are not one.</summary>
    internal static Macaroon? Read(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || data.Length > MaxInput)
        {
            return null;
        }

        return data[0] switch
        {
            (byte)'{' => JsonForm.Read(data),
            (byte)'"' => JsonForm.ReadQuoted(data),

            // Base64 of the binary forms begins with A or with M to Z.
            >= (byte)'A' and <= (byte)'Z' => Base64Text.TryDecode(data, out byte[] bytes) ? ReadBinary(bytes) : null,
            _ => ReadBinary(data),
        };
    }

    /// <summary>Reads text in base64, or nothing where it is not a macaroon.</summary>
    internal static Macaroon? ReadBase64(ReadOnlySpan<byte> text) => Base64Text.TryDecode(text, out byte[] bytes) ? ReadBinary(bytes) : null;

    private static Macaroon? ReadBinary(ReadOnlySpan<byte> data) =>
        data.IsEmpty ? null : data[0] == BinaryV2.Version ? BinaryV2.Read(data) : PacketsV1.Read(data);
}

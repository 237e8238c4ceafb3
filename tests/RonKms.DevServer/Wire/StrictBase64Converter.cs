using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RonKms.DevServer.Wire;

/// <summary>Bytes as base64 (RFC 4648 section 4): padded, no white space, unused bits zero. One text for the same bytes.</summary>
internal sealed class StrictBase64Converter : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException();
        }

        byte[] text = new byte[reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length];
        int length = reader.CopyString(text);
        byte[] again = new byte[length];
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(length)];
        try
        {
            return Base64.DecodeFromUtf8(text.AsSpan(0, length), bytes, out _, out int written) == OperationStatus.Done
                && Base64.EncodeToUtf8(bytes.AsSpan(0, written), again, out _, out _) == OperationStatus.Done
                && again.AsSpan().SequenceEqual(text.AsSpan(0, length))
                ? bytes[..written]
                : throw new JsonException();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(again);
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value);
}

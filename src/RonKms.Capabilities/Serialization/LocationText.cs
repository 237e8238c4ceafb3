using System.Text;

namespace RonKms.Capabilities.Serialization;

/// <summary>Locations are UTF-8; an empty one is none.</summary>
internal static class LocationText
{
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out string? location)
    {
        bool isText = System.Text.Unicode.Utf8.IsValid(bytes);
        location = isText && !bytes.IsEmpty ? Encoding.UTF8.GetString(bytes) : null;
        return isText;
    }
}

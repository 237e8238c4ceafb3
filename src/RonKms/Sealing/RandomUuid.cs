using RonKms.Algorithms;

namespace RonKms.Sealing;

/// <summary>Random UUIDs (RFC 9562, version 4) from the cryptographic generator, on every platform.</summary>
internal static class RandomUuid
{
    internal static Guid Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        Entropy.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}

using System.Buffers.Binary;

namespace RonKms.Sealing;

/// <summary>Reads and writes the bytes of a sealed record's header. Knows no cryptography.</summary>
/// <remarks>
/// Encoding is canonical: what decodes encodes to the same bytes. Decoding takes lengths only after checking them against the bytes in hand.
/// Source: docs/formats/ronk-v1.md, section 1.
/// </remarks>
internal static class RonkCodec
{
    internal const int TagSize = 16;

    /// <summary>The largest integer that every JSON reader keeps exact, 2^53 − 1.</summary>
    internal const long MaxTimeMs = (1L << 53) - 1;

    private const byte FormatVersion = 1;
    private const int AlgorithmOffset = 5;
    private const int HybridOffset = 7;
    private const int CreatedAtOffset = 8;
    private const int NotAfterOffset = 16;
    private const int KeyOffset = 24;
    private const int PublicKeySizeOffset = 40;
    private const int PublicKeyOffset = 42;

    private static ReadOnlySpan<byte> Magic => "RONK"u8;

    internal static int HeaderSize(int publicKeySize) => PublicKeyOffset + publicKeySize + RonkHeader.NonceSize;

    internal static void Encode(in RonkHeader header, Span<byte> destination)
    {
        int n = header.PublicKey.Length;
        Magic.CopyTo(destination);
        destination[4] = FormatVersion;
        BinaryPrimitives.WriteUInt16BigEndian(destination[AlgorithmOffset..], header.Algorithm.Id);
        destination[HybridOffset] = header.Algorithm.IsHybrid ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(destination[CreatedAtOffset..], header.CreatedAtMs);
        BinaryPrimitives.WriteInt64BigEndian(destination[NotAfterOffset..], header.NotAfterMs);
        bool written = header.Key.TryWriteBytes(destination[KeyOffset..PublicKeySizeOffset], bigEndian: true, out _);
        System.Diagnostics.Debug.Assert(written, "16 bytes are there");
        BinaryPrimitives.WriteUInt16BigEndian(destination[PublicKeySizeOffset..], checked((ushort)n));
        header.PublicKey.CopyTo(destination[PublicKeyOffset..]);
        header.Nonce.CopyTo(destination[(PublicKeyOffset + n)..]);
    }

    /// <summary>Reads the header at the beginning of a record, or of what is left of one.</summary>
    /// <param name="bytes">The record; what follows the header is not looked at.</param>
    /// <param name="header">Receives the header; its spans lie in <paramref name="bytes"/>.</param>
    /// <returns>Whether the header is well-formed.</returns>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, out RonkHeader header)
    {
        header = default;
        if (bytes.Length < PublicKeyOffset
            || !bytes.StartsWith(Magic)
            || bytes[4] != FormatVersion
            || KeyAlgorithm.FindById(BinaryPrimitives.ReadUInt16BigEndian(bytes[AlgorithmOffset..])) is not { } algorithm
            || bytes[HybridOffset] != (algorithm.IsHybrid ? 1 : 0)
            || BinaryPrimitives.ReadUInt16BigEndian(bytes[PublicKeySizeOffset..]) != algorithm.PublicKeySize
            || bytes.Length < HeaderSize(algorithm.PublicKeySize))
        {
            return false;
        }

        ulong createdAt = BinaryPrimitives.ReadUInt64BigEndian(bytes[CreatedAtOffset..]);
        ulong notAfter = BinaryPrimitives.ReadUInt64BigEndian(bytes[NotAfterOffset..]);
        if (createdAt > MaxTimeMs || notAfter > MaxTimeMs || (notAfter != 0 && notAfter <= createdAt))
        {
            return false;
        }

        header = new RonkHeader
        {
            Algorithm = algorithm,
            CreatedAtMs = (long)createdAt,
            NotAfterMs = (long)notAfter,
            Key = new Guid(bytes.Slice(KeyOffset, 16), bigEndian: true),
            PublicKey = bytes.Slice(PublicKeyOffset, algorithm.PublicKeySize),
            Nonce = bytes.Slice(PublicKeyOffset + algorithm.PublicKeySize, RonkHeader.NonceSize),
        };
        return true;
    }
}

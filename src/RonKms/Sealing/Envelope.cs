using System.Buffers;
using System.Buffers.Binary;
using RonKms.Algorithms;

namespace RonKms.Sealing;

/// <summary>Envelopes: the bytes that <c>Wrap</c> makes.</summary>
/// <remarks>
/// <c>0x01 ‖ uuid(16) ‖ version(4) ‖ nonce(24) ‖ ciphertext ‖ tag(16)</c>. The key is the one that the header names, never one that was tried:
/// neither cipher commits to its key. Callers have entered the opened key. Source: docs/formats/ronk-v1.md, section 6.
/// </remarks>
internal static class Envelope
{
    internal const int Overhead = HeaderSize + AeadAlgorithm.NonceSize + AeadAlgorithm.TagSize;

    private const byte FormatVersion = 1;
    private const int HeaderSize = 1 + 16 + 4;
    private const int CiphertextOffset = HeaderSize + AeadAlgorithm.NonceSize;
    private const int StackAadSize = 512;

    private static ReadOnlySpan<byte> AadLabel => "RonKms/envelope/v1\0"u8;

    /// <summary>How long the plaintext of an envelope would be; 0 where the envelope is too short to be one.</summary>
    internal static int PlaintextSize(ReadOnlySpan<byte> envelope) => Math.Max(0, envelope.Length - Overhead);

    internal static bool TryReadHeader(ReadOnlySpan<byte> envelope, out Guid key, out uint version)
    {
        bool wellFormed = envelope.Length >= Overhead && envelope[0] == FormatVersion;
        key = wellFormed ? new Guid(envelope.Slice(1, 16), bigEndian: true) : default;
        version = wellFormed ? BinaryPrimitives.ReadUInt32BigEndian(envelope[17..]) : 0;
        return version != 0;
    }

    internal static void Seal(AeadKey key, KeyId id, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> envelope)
    {
        Span<byte> nonce = stackalloc byte[AeadAlgorithm.NonceSize];
        Entropy.Fill(nonce);
        Seal(key, id, plaintext, associatedData, envelope, nonce);
    }

    /// <summary>Seals under a given nonce: only for known answers, where nonces are fixed.</summary>
    internal static void Seal(
        AeadKey key, KeyId id, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> envelope, ReadOnlySpan<byte> nonce)
    {
        envelope[0] = FormatVersion;
        id.Uuid.TryWriteBytes(envelope[1..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(envelope[17..], id.Version);
        nonce.CopyTo(envelope[HeaderSize..]);

        int aadSize = AadLabel.Length + HeaderSize + associatedData.Length;
        byte[]? rented = aadSize > StackAadSize ? ArrayPool<byte>.Shared.Rent(aadSize) : null;
        Span<byte> aad = (rented ?? stackalloc byte[StackAadSize])[..aadSize];
        WriteAad(envelope, associatedData, aad);
        key.EncryptEntered(nonce, plaintext, envelope[CiphertextOffset..^AeadAlgorithm.TagSize], envelope[^AeadAlgorithm.TagSize..], aad);
        Return(rented);
    }

    /// <summary>Opens an envelope whose header was read.</summary>
    internal static bool TryOpen(AeadKey key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData, Span<byte> plaintext)
    {
        int aadSize = AadLabel.Length + HeaderSize + associatedData.Length;
        byte[]? rented = aadSize > StackAadSize ? ArrayPool<byte>.Shared.Rent(aadSize) : null;
        Span<byte> aad = (rented ?? stackalloc byte[StackAadSize])[..aadSize];
        WriteAad(envelope, associatedData, aad);
        bool opened = key.TryDecryptEntered(
            envelope[HeaderSize..CiphertextOffset],
            envelope[CiphertextOffset..^AeadAlgorithm.TagSize],
            envelope[^AeadAlgorithm.TagSize..],
            plaintext,
            aad);
        Return(rented);
        return opened;
    }

    internal static KmsException Refused(KeyId key) => new(
        KmsError.DecryptionFailed, $"The envelope does not open with {key.Latest} and the associated data given.");

    private static void WriteAad(ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData, Span<byte> aad)
    {
        AadLabel.CopyTo(aad);
        envelope[..HeaderSize].CopyTo(aad[AadLabel.Length..]);
        associatedData.CopyTo(aad[(AadLabel.Length + HeaderSize)..]);
    }

    private static void Return(byte[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}

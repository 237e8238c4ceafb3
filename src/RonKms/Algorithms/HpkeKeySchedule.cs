using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>HPKE's key schedule in base mode with HKDF-SHA256: RFC 9180, section 5.1.</summary>
/// <remarks>Constant time: control flow follows lengths alone. What is left of secrets is wiped.</remarks>
internal static class HpkeKeySchedule
{
    private const ushort HkdfSha256 = 0x0001;
    private const byte ModeBase = 0x00;
    private const int HashSize = SHA256.HashSizeInBytes;
    private const int ContextSize = 1 + (2 * HashSize);
    private const int SuiteIdSize = 4 + (3 * sizeof(ushort));
    private const int StackInputSize = 512;

    private static ReadOnlySpan<byte> Version => "HPKE-v1"u8;

    /// <summary>KeySchedule(mode_base, shared_secret, info, "", ""), for the first message of the context.</summary>
    /// <param name="kemId">The KEM's identifier.</param>
    /// <param name="aead">The AEAD, not <see cref="HpkeAead.Default"/>.</param>
    /// <param name="sharedSecret">shared_secret.</param>
    /// <param name="info">info.</param>
    /// <param name="key">Receives the key, Nk bytes; the caller wipes it.</param>
    /// <param name="baseNonce">Receives the nonce, Nn bytes.</param>
    internal static void Derive(
        ushort kemId, HpkeAead aead, ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> info, Span<byte> key, Span<byte> baseNonce)
    {
        Span<byte> suiteId = stackalloc byte[SuiteIdSize];
        "HPKE"u8.CopyTo(suiteId);
        BinaryPrimitives.WriteUInt16BigEndian(suiteId[4..], kemId);
        BinaryPrimitives.WriteUInt16BigEndian(suiteId[6..], HkdfSha256);
        BinaryPrimitives.WriteUInt16BigEndian(suiteId[8..], (ushort)aead);

        Span<byte> context = stackalloc byte[ContextSize];
        Span<byte> secret = stackalloc byte[HashSize];
        context[0] = ModeBase;
        LabeledExtract(suiteId, salt: [], "psk_id_hash"u8, [], context.Slice(1, HashSize));
        LabeledExtract(suiteId, salt: [], "info_hash"u8, info, context[^HashSize..]);
        try
        {
            LabeledExtract(suiteId, sharedSecret, "secret"u8, [], secret);
            LabeledExpand(suiteId, secret, "key"u8, context, key);
            LabeledExpand(suiteId, secret, "base_nonce"u8, context, baseNonce);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    // Extract(salt, "HPKE-v1" ‖ suite_id ‖ label ‖ ikm). Nothing secret is in the input here: the shared secret is the salt.
    private static void LabeledExtract(ReadOnlySpan<byte> suiteId, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> ikm, Span<byte> prk)
    {
        int size = checked(Version.Length + SuiteIdSize + label.Length + ikm.Length);
        byte[]? rented = size > StackInputSize ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> input = (rented ?? stackalloc byte[StackInputSize])[..size];
        WriteLabeled(suiteId, label, ikm, input);
        HKDF.Extract(HashAlgorithmName.SHA256, input, salt, prk);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // Expand(prk, L ‖ "HPKE-v1" ‖ suite_id ‖ label ‖ info, L).
    private static void LabeledExpand(ReadOnlySpan<byte> suiteId, ReadOnlySpan<byte> prk, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, Span<byte> output)
    {
        Span<byte> input = (stackalloc byte[StackInputSize])[..(sizeof(ushort) + Version.Length + SuiteIdSize + label.Length + info.Length)];
        BinaryPrimitives.WriteUInt16BigEndian(input, (ushort)output.Length);
        WriteLabeled(suiteId, label, info, input[sizeof(ushort)..]);
        HKDF.Expand(HashAlgorithmName.SHA256, prk, output, input);
    }

    private static void WriteLabeled(ReadOnlySpan<byte> suiteId, ReadOnlySpan<byte> label, ReadOnlySpan<byte> rest, Span<byte> destination)
    {
        Version.CopyTo(destination);
        suiteId.CopyTo(destination[Version.Length..]);
        label.CopyTo(destination[(Version.Length + SuiteIdSize)..]);
        rest.CopyTo(destination[(Version.Length + SuiteIdSize + label.Length)..]);
    }
}

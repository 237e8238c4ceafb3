namespace RonKms;

/// <summary>What the custody journal says of a key version, signed where the store has an attestation key. Holds no secret.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 7.</remarks>
public sealed class Attestation
{
    internal Attestation(KeyId key, byte[] json, byte[] signature, KeyId? signedBy)
    {
        Key = key;
        Json = json;
        Signature = signature;
        SignedBy = signedBy;
    }

    /// <summary>The version it is about.</summary>
    public KeyId Key { get; }

    /// <summary>The version's journal lines, the head of the chain and the assurance, as canonical JSON (RFC 8785).</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The signature; empty where the store has no attestation key.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>The version that signed, if any did.</summary>
    public KeyId? SignedBy { get; }

    /// <summary>Verifies an attestation.</summary>
    /// <param name="json">The attestation's JSON.</param>
    /// <param name="signature">Its signature.</param>
    /// <param name="attester">The public key of the store's attestation key, from a source that the verifier trusts.</param>
    /// <returns>Whether that key signed it.</returns>
    public static bool Verify(ReadOnlySpan<byte> json, ReadOnlySpan<byte> signature, KmsPublicKey attester)
    {
        ArgumentNullException.ThrowIfNull(attester);
        return attester.Verify(SignedMessage(json), signature);
    }

    /// <summary>What is signed: a label that nothing else begins with, then the JSON.</summary>
    internal static byte[] SignedMessage(ReadOnlySpan<byte> json) => [.. "RonKms/attestation/v1\0"u8, .. json];
}

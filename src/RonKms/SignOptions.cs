namespace RonKms;

/// <summary>What a signature may vary in. Signer and verifier must use the same.</summary>
/// <remarks>An option that the key's algorithm does not have is an argument error, never ignored.</remarks>
public sealed class SignOptions
{
    /// <summary>The context string, at most 255 bytes; ML-DSA and SLH-DSA have one (FIPS 204, FIPS 205).</summary>
    public ReadOnlyMemory<byte> Context { get; init; }

    /// <summary>How an ECDSA signature is encoded.</summary>
    public EcdsaEncoding EcdsaEncoding { get; init; }

    /// <summary>How an RSA signature is padded.</summary>
    public RsaPadding RsaPadding { get; init; }
}

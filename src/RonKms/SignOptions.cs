namespace RonKms;

/// <summary>What a signature may vary in. Signer and verifier must use the same.</summary>
/// <remarks>An option that the key's algorithm does not have is an argument error, never ignored.</remarks>
public sealed class SignOptions
{
    /// <summary>The context string, at most 255 bytes; ML-DSA, SLH-DSA and the composite signature have one.</summary>
    public ReadOnlyMemory<byte> Context { get; init; }

    /// <summary>How an ECDSA signature is encoded.</summary>
    public EcdsaEncoding EcdsaEncoding { get; init; }

    /// <summary>How an RSA signature is padded.</summary>
    public RsaPadding RsaPadding { get; init; }

    /// <summary>What must verify of an <c>ed25519+mldsa65</c> signature. Signing makes both halves under every policy.</summary>
    public HybridPolicy HybridPolicy { get; init; }
}

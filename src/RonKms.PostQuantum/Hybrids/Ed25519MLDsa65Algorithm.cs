using RonKms.Algorithms;

namespace RonKms.PostQuantum.Hybrids;

/// <summary>Ed25519 and ML-DSA-65 as two separable signatures of one message: for migration.</summary>
/// <remarks>
/// Public key: Ed25519's 32 bytes ‖ ML-DSA-65's 1952. Secret: Ed25519's seed ‖ ML-DSA-65's, 32 bytes each. Signature, 3373 bytes: Ed25519(M),
/// 64 ‖ ML-DSA-65(M, context "RonKms/ed25519+mldsa65/v1"), 3309. The verifier chooses by <see cref="SignOptions.HybridPolicy"/> what must be
/// good. The Ed25519 half is a plain signature, which whoever knows the hybrid alone can take out and use by itself: where that matters, take
/// <see cref="CompositeMLDsa65Ed25519Algorithm"/>. No standard has an encoding for these keys. Source: docs/formats/ronk-v1.md, section 5.
/// </remarks>
public sealed class Ed25519MLDsa65Algorithm : HybridSignatureAlgorithm
{
    /// <summary>Creates the implementation.</summary>
    /// <param name="ed25519">The implementation of Ed25519.</param>
    /// <param name="mldsa65">The implementation of ML-DSA-65, managed or the platform's.</param>
    public Ed25519MLDsa65Algorithm(SignatureAlgorithm ed25519, SignatureAlgorithm mldsa65)
        : base(KeyAlgorithm.Ed25519MLDsa65, ed25519, mldsa65, isEd25519First: true, "RonKms/ed25519+mldsa65/v1"u8)
    {
    }

    /// <inheritdoc/>
    public override bool HasHybridPolicy => true;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: no standard has one.</exception>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) => throw NoStandard("SubjectPublicKeyInfo");

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: no standard has one.</exception>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) => throw NoStandard("JSON Web Key");

    /// <inheritdoc/>
    private protected override bool Judge(bool isEd25519Good, bool isMLDsa65Good, SignOptions? options) => options?.HybridPolicy switch
    {
        null or HybridPolicy.Both => isEd25519Good & isMLDsa65Good,
        HybridPolicy.Either => isEd25519Good | isMLDsa65Good,
        HybridPolicy.PostQuantum => isMLDsa65Good,
        _ => false,
    };

    private NotSupportedException NoStandard(string form) =>
        new($"No standard has a {form} of {Id} keys. Pass the raw public key, or use {KeyAlgorithm.CompositeMLDsa65Ed25519}.");
}

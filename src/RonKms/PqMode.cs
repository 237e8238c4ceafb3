namespace RonKms;

/// <summary>Which algorithms <c>CreateSigningKey</c> and <c>CreateKemKey</c> choose, and whether classical ones may still be used.</summary>
/// <remarks>
/// <para>
/// <see cref="Hybrid"/> and <see cref="PostQuantum"/> refuse with <see cref="KmsError.DowngradeRefused"/> whatever a quantum computer could
/// break by itself: to make, import or rotate a key of a classical signature or key encapsulation algorithm (Ed25519, X25519, P-256, RSA);
/// to sign, encapsulate or attest with one that is there already; and to verify a hybrid signature under
/// <see cref="HybridPolicy.Either"/>. Hybrids are allowed in both: they have a post-quantum half.
/// </para>
/// <para>
/// What was made before stays readable: verifying signatures of classical keys, decapsulation, and giving out, disabling, enabling and
/// destroying such keys are allowed in every mode. Symmetric keys are not affected: theirs have 256 bits.
/// </para>
/// </remarks>
public enum PqMode
{
    /// <summary>Ed25519 and X25519; nothing is refused.</summary>
    Classical,

    /// <summary>Ed25519 with ML-DSA-65, and X-Wing.</summary>
    Hybrid,

    /// <summary>ML-DSA-65 and ML-KEM-768.</summary>
    PostQuantum,
}

namespace RonKms;

/// <summary>Which algorithms <c>CreateSigningKey</c> and <c>CreateKemKey</c> choose.</summary>
public enum PqMode
{
    /// <summary>Ed25519 and X25519.</summary>
    Classical,

    /// <summary>Ed25519 with ML-DSA-65, and X-Wing.</summary>
    Hybrid,

    /// <summary>ML-DSA-65 and ML-KEM-768.</summary>
    PostQuantum,
}

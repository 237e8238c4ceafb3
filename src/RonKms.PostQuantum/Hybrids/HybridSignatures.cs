using RonKms.Algorithms;

namespace RonKms.PostQuantum.Hybrids;

/// <summary>The family of hybrid signatures: made of the ML-DSA-65 that serves, whosever it is, and the core's Ed25519.</summary>
internal static class HybridSignatures
{
    /// <summary>The hybrids of a provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>The hybrids, or none where only the platform may serve and does not.</returns>
    internal static IEnumerable<Algorithm> Choose(PostQuantumProvider provider)
    {
        SignatureAlgorithm ed25519 = new Ed25519Algorithm();
        return MLDsa.MLDsaFamily.Choose(provider).OfType<SignatureAlgorithm>().Where(half => half.Id == KeyAlgorithm.MLDsa65).SelectMany(
            mldsa65 => new Algorithm[] { new Ed25519MLDsa65Algorithm(ed25519, mldsa65), new CompositeMLDsa65Ed25519Algorithm(ed25519, mldsa65) });
    }
}

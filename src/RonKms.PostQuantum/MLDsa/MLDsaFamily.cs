using RonKms.Algorithms;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The family of ML-DSA: its parameter sets, and whose implementation serves them.</summary>
internal static class MLDsaFamily
{
    private static readonly KeyAlgorithm[] s_sets = [KeyAlgorithm.MLDsa44, KeyAlgorithm.MLDsa65, KeyAlgorithm.MLDsa87];

    /// <summary>The algorithms of a provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>One implementation a parameter set.</returns>
    internal static IEnumerable<Algorithm> Choose(PostQuantumProvider provider) => PostQuantumAlgorithms.Choose(
        provider, PlatformMLDsaAlgorithm.IsSupported, s_sets, id => new PlatformMLDsaAlgorithm(id), id => new MLDsaAlgorithm(id));
}

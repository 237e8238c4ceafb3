using RonKms.Algorithms;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The family of ML-DSA: its parameter sets, and whose implementation serves them.</summary>
internal static class MLDsaFamily
{
    /// <summary>The algorithms of a provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>One implementation a parameter set.</returns>
    internal static IEnumerable<Algorithm> Choose(PostQuantumProvider provider) => PostQuantumAlgorithms.Choose(
        provider, PlatformMLDsaAlgorithm.IsSupported, MLDsaParameters.All, p => new PlatformMLDsaAlgorithm(p.Id), p => new ManagedMLDsaAlgorithm(p.Id));
}

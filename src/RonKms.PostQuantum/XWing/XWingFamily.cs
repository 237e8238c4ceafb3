using RonKms.Algorithms;
using RonKms.PostQuantum.MLKem;

namespace RonKms.PostQuantum.XWing;

/// <summary>The family's place in <see cref="PostQuantumAlgorithms"/>.</summary>
internal static class XWingFamily
{
    /// <summary>X-Wing over the ML-KEM-768 of a provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>X-Wing, or nothing where the provider has no ML-KEM.</returns>
    internal static IEnumerable<Algorithm> Choose(PostQuantumProvider provider) =>
        from algorithm in MLKemFamily.Choose(provider)
        where algorithm.Id == KeyAlgorithm.MLKem768
        select new XWingAlgorithm((KemAlgorithm)algorithm);
}

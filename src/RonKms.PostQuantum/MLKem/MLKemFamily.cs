using RonKms.Algorithms;

namespace RonKms.PostQuantum.MLKem;

/// <summary>The family's place in <see cref="PostQuantumAlgorithms"/>.</summary>
internal static class MLKemFamily
{
    /// <summary>The algorithms of a provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>ML-KEM-512, 768 and 1024, or none.</returns>
    internal static IEnumerable<Algorithm> Choose(PostQuantumProvider provider) => PostQuantumAlgorithms.Choose(
        provider,
        PlatformMLKemAlgorithm.IsSupported,
        MLKemParameters.All,
        parameters => new PlatformMLKemAlgorithm(parameters.Id),
        parameters => new ManagedMLKemAlgorithm(parameters.Id));
}

using RonKms.Algorithms;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The family's place in <see cref="PostQuantumAlgorithms"/>.</summary>
internal static class SlhDsaFamily
{
    /// <summary>The algorithms of a provider.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>One implementation a parameter set.</returns>
    internal static IEnumerable<Algorithm> Choose(PostQuantumProvider provider) => PostQuantumAlgorithms.Choose(
        provider,
        PlatformSlhDsaAlgorithm.IsSupported,
        SlhDsaParameters.All,
        parameters => new PlatformSlhDsaAlgorithm(parameters.Id),
        parameters => new ManagedSlhDsaAlgorithm(parameters.Id));
}

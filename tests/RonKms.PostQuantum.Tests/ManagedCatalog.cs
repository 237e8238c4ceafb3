using RonKms.Algorithms;

namespace RonKms.PostQuantum.Tests;

/// <summary>The core's algorithms with the managed ones of this package: what the contracts run against.</summary>
internal static class ManagedCatalog
{
    internal static AlgorithmCatalog Instance { get; } =
        AlgorithmCatalog.Classical.With(PostQuantumAlgorithms.All(PostQuantumProvider.Managed));
}

using RonKms.Algorithms;

namespace RonKms.PostQuantum.Tests;

/// <summary>Whose algorithms the contract suites test: the managed ones, or those that RONKMS_TEST_PROVIDER names.</summary>
/// <remarks>eng/platform-crosscheck.sh sets it to "platform"; where the platform has none of a family, the suites fail then.</remarks>
internal static class TestedProvider
{
    private const string Variable = "RONKMS_TEST_PROVIDER";

    /// <summary>The algorithms.</summary>
    internal static AlgorithmCatalog Catalog { get; } = AlgorithmCatalog.Classical.With(PostQuantumAlgorithms.All(Provider));

    private static PostQuantumProvider Provider => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "managed" => PostQuantumProvider.Managed,
        "platform" => PostQuantumProvider.Platform,
        string other => throw new InvalidOperationException($"{Variable} is '{other}' instead of 'managed' or 'platform'."),
    };
}

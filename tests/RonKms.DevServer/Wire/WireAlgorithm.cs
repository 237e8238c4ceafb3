using RonKms.DevServer.Problems;

namespace RonKms.DevServer.Wire;

/// <summary>Algorithms as requests and answers name them: as in a KeyId, but for the seed's two spellings.</summary>
internal static class WireAlgorithm
{
    internal const string Ed25519 = "Ed25519";

    /// <summary>The post-quantum half of a signature of two.</summary>
    internal const string MLDsa = "ML-DSA";

    internal static string NameOf(KeyAlgorithm algorithm) => ReferenceEquals(algorithm, KeyAlgorithm.Ed25519) ? Ed25519 : algorithm.Name;

    /// <summary>Reads a name in any letter case.</summary>
    internal static KeyAlgorithm Parse(string name, string field) => KeyAlgorithm.FindByName(name) ?? throw new ProblemException(Problem.NoSuchAlgorithm(field));

    /// <summary>Whether a signature of this key may be asked for under this name: its own, or of a half.</summary>
    internal static bool Fits(KeyAlgorithm algorithm, string name) =>
        KeyAlgorithm.FindByName(name) == algorithm
        || (SignatureHalves.HasTwo(algorithm)
            && (name.Equals(Ed25519, StringComparison.OrdinalIgnoreCase) || name.Equals(MLDsa, StringComparison.OrdinalIgnoreCase)
                || ReferenceEquals(KeyAlgorithm.FindByName(name), KeyAlgorithm.MLDsa65)));
}

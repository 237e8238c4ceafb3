using System.Diagnostics.CodeAnalysis;

namespace RonKms.Algorithms;

/// <summary>The algorithms that a keystore can use. Immutable and thread-safe.</summary>
public sealed class AlgorithmCatalog
{
    private readonly Dictionary<KeyAlgorithm, Algorithm> _algorithms;

    private AlgorithmCatalog(IEnumerable<Algorithm> algorithms)
    {
        _algorithms = algorithms.ToDictionary(a => a.Id);
    }

    /// <summary>What this package brings: Ed25519, X25519, P-256, RSA, AES-256-GCM, ChaCha20-Poly1305 and HMAC-SHA-256.</summary>
    public static AlgorithmCatalog Classical { get; } = new(
    [
        new Ed25519Algorithm(),
        new X25519Algorithm(),
        new EcdsaP256Algorithm(),
        new RsaAlgorithm(KeyAlgorithm.Rsa2048),
        new RsaAlgorithm(KeyAlgorithm.Rsa3072),
        new RsaAlgorithm(KeyAlgorithm.Rsa4096),
        new XAes256GcmAlgorithm(),
        new XChaCha20Poly1305Algorithm(),
        new HmacSha256Algorithm(),
    ]);

    /// <summary>The algorithms held.</summary>
    public IEnumerable<Algorithm> Algorithms => _algorithms.Values;

    /// <summary>A catalog with further algorithms; one that is already there is replaced.</summary>
    /// <param name="algorithms">The algorithms to add.</param>
    /// <returns>The new catalog.</returns>
    public AlgorithmCatalog With(params ReadOnlySpan<Algorithm> algorithms)
    {
        Dictionary<KeyAlgorithm, Algorithm> all = new(_algorithms);
        foreach (Algorithm algorithm in algorithms)
        {
            all[algorithm.Id] = algorithm;
        }

        return new AlgorithmCatalog(all.Values);
    }

    /// <summary>Finds the implementation of an algorithm.</summary>
    /// <param name="id">The algorithm.</param>
    /// <param name="algorithm">Receives the implementation.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryFind(KeyAlgorithm id, [NotNullWhen(true)] out Algorithm? algorithm)
    {
        ArgumentNullException.ThrowIfNull(id);
        return _algorithms.TryGetValue(id, out algorithm);
    }

    /// <summary>Finds the implementation of an algorithm, or says what is missing.</summary>
    /// <param name="id">The algorithm.</param>
    /// <returns>The implementation.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/></exception>
    public Algorithm Find(KeyAlgorithm id) => TryFind(id, out Algorithm? algorithm)
        ? algorithm
        : throw new KmsException(
            KmsError.AlgUnavailable,
            $"{id} is not available here: add the package RonKms.PostQuantum and call options.UsePostQuantum(), or put an implementation into KeystoreOptions.Algorithms.");

    /// <summary>Who computes what, for the log: "libsodium (ed25519, x25519), platform (p256)".</summary>
    /// <returns>The text.</returns>
    internal string DescribeProviders() => string.Join(", ", KeyAlgorithm.All
        .Where(_algorithms.ContainsKey)
        .GroupBy(id => _algorithms[id].Provider, id => id.Name)
        .Select(names => $"{names.Key} ({string.Join(", ", names)})"));
}

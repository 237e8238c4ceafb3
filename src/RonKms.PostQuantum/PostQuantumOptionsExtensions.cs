using RonKms.PostQuantum;

namespace RonKms;

/// <summary>Brings post-quantum algorithms to a keystore.</summary>
public static class PostQuantumOptionsExtensions
{
    /// <summary>Adds the post-quantum algorithms to <see cref="KeystoreOptions.Algorithms"/>.</summary>
    /// <param name="options">The options to extend.</param>
    /// <param name="provider">Whose algorithms; decided here, once, and told by <c>Algorithm.Provider</c>.</param>
    /// <returns>The same options.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>: the platform was asked for and has none of them.</exception>
    public static KeystoreOptions UsePostQuantum(this KeystoreOptions options, PostQuantumProvider provider = PostQuantumProvider.Auto)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Algorithms = options.Algorithms.With(PostQuantumAlgorithms.All(provider));
        return options;
    }
}

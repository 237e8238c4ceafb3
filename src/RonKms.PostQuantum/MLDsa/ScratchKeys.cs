using RonKms.Algorithms;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>Private keys for the time of one operation, so that computing a public key does not allocate.</summary>
/// <remarks>At most one a processor and parameter set is kept, wiped.</remarks>
internal static class ScratchKeys
{
    private static readonly Dictionary<MLDsaParameters, HandlePool<MLDsaPrivateKey>> s_pools =
        MLDsaParameters.All.ToDictionary(p => p, p => new HandlePool<MLDsaPrivateKey>(() => new MLDsaPrivateKey(p)));

    /// <summary>Takes a key that nobody else uses.</summary>
    /// <param name="parameters">Its parameter set.</param>
    /// <returns>The key, wiped; it goes back by <see cref="Return"/>.</returns>
    internal static MLDsaPrivateKey Rent(MLDsaParameters parameters) => s_pools[parameters].Rent();

    /// <summary>Wipes a key and gives it back.</summary>
    /// <param name="key">What <see cref="Rent"/> gave.</param>
    internal static void Return(MLDsaPrivateKey key)
    {
        key.Wipe();
        s_pools[key.Parameters].Return(key);
    }
}

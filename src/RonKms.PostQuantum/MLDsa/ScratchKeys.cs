using RonKms.Algorithms;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>Private keys for the time of one operation, so that computing a public key does not allocate.</summary>
/// <remarks>At most one a processor and parameter set is kept, wiped.</remarks>
internal static class ScratchKeys
{
    private static readonly (MLDsaParameters Parameters, HandlePool<MLDsaPrivateKey> Idle)[] s_pools =
        [.. MLDsaParameters.All.Select(p => (p, new HandlePool<MLDsaPrivateKey>(() => new MLDsaPrivateKey(p))))];

    /// <summary>Takes a key that nobody else uses.</summary>
    /// <param name="parameters">Its parameter set.</param>
    /// <returns>The key, wiped; it goes back by <see cref="Return"/>.</returns>
    internal static MLDsaPrivateKey Rent(MLDsaParameters parameters) => PoolOf(parameters).Rent();

    /// <summary>Wipes a key and gives it back.</summary>
    /// <param name="key">What <see cref="Rent"/> gave.</param>
    internal static void Return(MLDsaPrivateKey key)
    {
        key.Wipe();
        PoolOf(key.Parameters).Return(key);
    }

    private static HandlePool<MLDsaPrivateKey> PoolOf(MLDsaParameters parameters)
    {
        foreach ((MLDsaParameters set, HandlePool<MLDsaPrivateKey> idle) in s_pools)
        {
            if (set == parameters)
            {
                return idle;
            }
        }

        throw new ArgumentException($"{parameters.Name} is not in the list of sets.", nameof(parameters));
    }
}

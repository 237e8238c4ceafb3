namespace RonKms;

/// <summary>What each <see cref="PqMode"/> chooses, and what it refuses.</summary>
internal static class PqModes
{
    internal static KeyAlgorithm SigningAlgorithm(PqMode mode) => mode switch
    {
        PqMode.Classical => KeyAlgorithm.Ed25519,
        PqMode.Hybrid => KeyAlgorithm.Ed25519MLDsa65,
        PqMode.PostQuantum => KeyAlgorithm.MLDsa65,
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };

    internal static KeyAlgorithm KemAlgorithm(PqMode mode) => mode switch
    {
        PqMode.Classical => KeyAlgorithm.X25519,
        PqMode.Hybrid => KeyAlgorithm.XWing,
        PqMode.PostQuantum => KeyAlgorithm.MLKem768,
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };

    /// <summary>Refuses what a classical algorithm alone would protect: a new key, signature or encapsulation.</summary>
    /// <param name="mode">The keystore's mode.</param>
    /// <param name="algorithm">The algorithm.</param>
    /// <exception cref="KmsException"><see cref="KmsError.DowngradeRefused"/></exception>
    internal static void RequireAllowed(PqMode mode, KeyAlgorithm algorithm)
    {
        if (mode != PqMode.Classical && algorithm.IsClassicalOnly)
        {
            throw new KmsException(
                KmsError.DowngradeRefused,
                $"{algorithm} is classical only, which PqMode.{mode} refuses for new keys, signatures and encapsulations. Make a new key with "
                + $"CreateSigningKey or CreateKemKey ({SigningAlgorithm(mode)}, {KemAlgorithm(mode)}), or open the keystore with PqMode.Classical.");
        }
    }

    /// <summary>Refuses to accept a hybrid signature on its classical half alone.</summary>
    /// <param name="mode">The keystore's mode.</param>
    /// <param name="options">What a signature is verified with.</param>
    /// <exception cref="KmsException"><see cref="KmsError.DowngradeRefused"/></exception>
    internal static void RequireAllowed(PqMode mode, SignOptions? options)
    {
        if (mode != PqMode.Classical && options?.HybridPolicy == HybridPolicy.Either)
        {
            throw new KmsException(
                KmsError.DowngradeRefused,
                $"HybridPolicy.Either takes the classical half alone, which PqMode.{mode} refuses. Verify with Both or PostQuantum.");
        }
    }
}

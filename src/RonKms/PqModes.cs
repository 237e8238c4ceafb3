namespace RonKms;

/// <summary>What each <see cref="PqMode"/> chooses.</summary>
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
}

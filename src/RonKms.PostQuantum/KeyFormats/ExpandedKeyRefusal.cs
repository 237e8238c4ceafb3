namespace RonKms.PostQuantum.KeyFormats;

/// <summary>Why a private key without its seed is not imported: the sealed format keeps the seed, and it cannot be computed back.</summary>
internal static class ExpandedKeyRefusal
{
    /// <summary>Makes the exception.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <returns>What to throw.</returns>
    internal static KmsException Create(KeyAlgorithm algorithm) => new(
        KmsError.ImportRefused,
        $"The PKCS#8 holds only the expanded {algorithm} key, and its seed cannot be computed from it. Export the key with its seed, in the form \"seed\" or \"both\".");
}

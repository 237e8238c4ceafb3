namespace RonKms;

/// <summary>Verifies signatures of the keystore's keys, every version that ever was. Thread-safe.</summary>
public interface IVerifier
{
    /// <summary>Verifies a signature.</summary>
    /// <param name="key">The concrete version that is said to have signed.</param>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">The signature; a malformed one is not good, and no exception.</param>
    /// <param name="options">The options it was made with.</param>
    /// <returns>Whether the signature is good. The version's state is the caller's to judge, from <see cref="KeyInfo"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is <c>#latest</c>, or does not sign, or an option is not the algorithm's.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.NoSuchKey"/>, <see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.Denied"/>;
    /// <see cref="KmsError.DowngradeRefused"/>: <see cref="HybridPolicy.Either"/>, where the <see cref="PqMode"/> is not classical.</exception>
    bool Verify(KeyId key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options = null);

    /// <summary>Verifies many signatures; item by item the verdict of <see cref="Verify"/>.</summary>
    /// <param name="items">The signatures.</param>
    /// <param name="results">Receives the verdicts; as long as <paramref name="items"/>.</param>
    /// <param name="maxParallelism">How many threads may work on it.</param>
    /// <exception cref="ArgumentException">The lengths differ, or an item is misused as for <see cref="Verify"/>; then no verdict is given.</exception>
    /// <exception cref="KmsException">As for <see cref="Verify"/>; then no verdict is given.</exception>
    void VerifyBatch(ReadOnlyMemory<VerifyItem> items, Memory<bool> results, int maxParallelism = 1);
}

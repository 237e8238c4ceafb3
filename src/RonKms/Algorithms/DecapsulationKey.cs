namespace RonKms.Algorithms;

/// <summary>An opened decapsulation key. Thread-safe.</summary>
public abstract class DecapsulationKey : OpenedKey
{
    /// <summary>Creates an opened key of an algorithm.</summary>
    /// <param name="algorithm">Its algorithm.</param>
    protected DecapsulationKey(KemAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        Algorithm = algorithm;
    }

    /// <summary>The key's algorithm.</summary>
    public KemAlgorithm Algorithm { get; }

    /// <summary>Recovers a shared secret.</summary>
    /// <param name="ciphertext">The ciphertext. One of a wrong length does not open.</param>
    /// <param name="sharedSecret">Receives the shared secret, exactly <see cref="KemAlgorithm.SharedSecretSize"/> bytes; zeroed on failure. Must not
    /// overlap the ciphertext.</param>
    /// <returns><see langword="false"/> where the algorithm rejects explicitly; implicit rejection gives a useless secret instead.</returns>
    /// <exception cref="ArgumentException">The shared secret's buffer has the wrong size or overlaps the ciphertext.</exception>
    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public bool TryDecapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        Algorithm.CheckDecapsulation(ciphertext, sharedSecret);
        Enter();
        try
        {
            return TryDecapsulateEntered(ciphertext, sharedSecret);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Decapsulates for a caller that has entered the key and checked the shared secret's buffer.</summary>
    internal bool TryDecapsulateEntered(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        if (ciphertext.Length == Algorithm.CiphertextSize && TryDecapsulateCore(ciphertext, sharedSecret))
        {
            return true;
        }

        sharedSecret.Clear();
        return false;
    }

    /// <summary>Decapsulates a ciphertext of the exact size.</summary>
    /// <param name="ciphertext">The ciphertext.</param>
    /// <param name="sharedSecret">Receives the shared secret.</param>
    /// <returns>Whether the ciphertext was accepted.</returns>
    protected abstract bool TryDecapsulateCore(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret);
}

namespace RonKms;

/// <summary>Encapsulates to the keystore's keys and decapsulates with them. Thread-safe.</summary>
public interface IKem
{
    /// <summary>Makes a fresh shared secret for the holder of a key of this keystore. For others' keys see <see cref="KmsPublicKey"/>.</summary>
    /// <param name="key">The key's latest version, or <c>#latest</c>.</param>
    /// <param name="encapsulatedTo">Receives the version that will decapsulate.</param>
    /// <returns>Ciphertext and shared secret; the caller disposes it.</returns>
    /// <exception cref="KmsException">As for <see cref="ISigner"/>.</exception>
    Encapsulation Encapsulate(KeyId key, out KeyId encapsulatedTo);

    /// <summary>Makes a fresh shared secret in the caller's buffers.</summary>
    /// <param name="key">The key's latest version, or <c>#latest</c>.</param>
    /// <param name="ciphertext">Receives the ciphertext, of the algorithm's exact size.</param>
    /// <param name="sharedSecret">Receives the shared secret, of the algorithm's exact size; the caller wipes it.</param>
    /// <param name="encapsulatedTo">Receives the version that will decapsulate.</param>
    /// <exception cref="ArgumentException">A buffer has another size, or the two overlap.</exception>
    /// <exception cref="KmsException">As for <see cref="ISigner"/>.</exception>
    void Encapsulate(KeyId key, Span<byte> ciphertext, Span<byte> sharedSecret, out KeyId encapsulatedTo);

    /// <summary>Recovers a shared secret.</summary>
    /// <param name="key">The concrete version that it was encapsulated to.</param>
    /// <param name="ciphertext">The ciphertext.</param>
    /// <returns>The shared secret; the caller disposes it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.DecryptionFailed"/>, <see cref="KmsError.KeyDisabled"/>, <see cref="KmsError.KeyDestroyed"/>,
    /// <see cref="KmsError.NoSuchKey"/>.</exception>
    SecretBytes Decapsulate(KeyId key, ReadOnlySpan<byte> ciphertext);

    /// <summary>Recovers a shared secret into the caller's buffer.</summary>
    /// <param name="key">The concrete version that it was encapsulated to.</param>
    /// <param name="ciphertext">The ciphertext.</param>
    /// <param name="sharedSecret">Receives the shared secret, of the algorithm's exact size; the caller wipes it.</param>
    /// <exception cref="ArgumentException">The buffer has another size, or overlaps the ciphertext.</exception>
    /// <exception cref="KmsException">As for the other overload; the buffer is then zeroed.</exception>
    void Decapsulate(KeyId key, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret);
}

namespace RonKms;

/// <summary>Signs with keys that stay where they are. Thread-safe.</summary>
/// <remarks>
/// A message must not change while it is being signed. Algorithms read it more than once, and a signature over two different messages can give
/// the key away (Ed25519 computes its nonce from one reading and its challenge from the other). Copy first what another thread, or another
/// process through shared memory, may write to.
/// </remarks>
public interface ISigner
{
    /// <summary>Signs with the version named, which must be the key's latest.</summary>
    /// <param name="key">A concrete version.</param>
    /// <param name="message">The message.</param>
    /// <param name="options">What the signature may vary in.</param>
    /// <returns>The signature.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is <c>#latest</c>: then take the overload that says which version signed.
    /// Or an option is not the algorithm's.</exception>
    /// <exception cref="KmsException">As the table of states gives: <see cref="KmsError.NotLatestVersion"/>, <see cref="KmsError.Expired"/>,
    /// <see cref="KmsError.KeyDisabled"/>, <see cref="KmsError.KeyDestroyed"/>, <see cref="KmsError.NoSuchKey"/>, <see cref="KmsError.Denied"/>;
    /// <see cref="KmsError.DowngradeRefused"/> as <see cref="PqMode"/> says.</exception>
    byte[] Sign(KeyId key, ReadOnlySpan<byte> message, SignOptions? options = null);

    /// <summary>Signs, and says with which version.</summary>
    /// <param name="key">A version, or <c>#latest</c>.</param>
    /// <param name="message">The message.</param>
    /// <param name="signedBy">Receives the version that signed.</param>
    /// <param name="options">What the signature may vary in.</param>
    /// <returns>The signature.</returns>
    /// <exception cref="KmsException">As for the other overload.</exception>
    byte[] Sign(KeyId key, ReadOnlySpan<byte> message, out KeyId signedBy, SignOptions? options = null);

    /// <summary>Signs into a buffer, without allocating.</summary>
    /// <param name="key">A version, or <c>#latest</c>.</param>
    /// <param name="message">The message.</param>
    /// <param name="destination">Receives the signature; large enough for any of the algorithm's. Must not overlap the message.</param>
    /// <param name="signedBy">Receives the version that signed.</param>
    /// <param name="options">What the signature may vary in.</param>
    /// <returns>How many bytes the signature has.</returns>
    /// <exception cref="ArgumentException">The destination is too small or overlaps the message, or an option is not the algorithm's.</exception>
    /// <exception cref="KmsException">As for the other overload; the destination is then zeroed.</exception>
    int Sign(KeyId key, ReadOnlySpan<byte> message, Span<byte> destination, out KeyId signedBy, SignOptions? options = null);
}

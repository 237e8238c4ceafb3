namespace RonKms;

/// <summary>Wraps bytes into envelopes that name the key version which opens them. Thread-safe.</summary>
/// <remarks>
/// An envelope is 61 bytes longer than its plaintext: <c>0x01 ‖ uuid(16) ‖ version(4) ‖ nonce(24) ‖ ciphertext ‖ tag(16)</c>.
/// Associated data is the third argument everywhere, and a destination the fourth, never the third: a buffer given third is read as associated
/// data. Where there is none, give <c>default</c> before the destination.
/// To wrap for a key pair's holder, see <see cref="KmsPublicKey.HpkeSeal(ReadOnlySpan{byte}, HpkeOptions?)"/>, which needs no keystore.
/// Source: docs/formats/ronk-v1.md, section 6.
/// </remarks>
public interface IEnvelope
{
    /// <summary>Wraps a plaintext.</summary>
    /// <param name="key">The key's latest version, or <c>#latest</c>; the envelope names which it was.</param>
    /// <param name="plaintext">The plaintext.</param>
    /// <param name="associatedData">What the envelope is bound to; the same is needed to open it.</param>
    /// <returns>The envelope.</returns>
    /// <exception cref="KmsException">As for <see cref="ISigner"/>.</exception>
    byte[] Wrap(KeyId key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData = default);

    /// <summary>Wraps a plaintext into a buffer.</summary>
    /// <param name="key">The key's latest version, or <c>#latest</c>.</param>
    /// <param name="plaintext">The plaintext; must not overlap the destination.</param>
    /// <param name="associatedData">What the envelope is bound to; must not overlap the destination.</param>
    /// <param name="destination">Receives the envelope; 61 bytes more than the plaintext.</param>
    /// <returns>How many bytes the envelope has.</returns>
    /// <exception cref="KmsException">As for <see cref="ISigner"/>.</exception>
    int Wrap(KeyId key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> destination);

    /// <summary>Opens an envelope with the version that it names.</summary>
    /// <param name="key">The key it must be of, in any version.</param>
    /// <param name="envelope">The envelope.</param>
    /// <param name="associatedData">What it was bound to.</param>
    /// <returns>The plaintext in guarded memory; the caller disposes it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.DecryptionFailed"/> for whatever is wrong with the envelope, also when it is another key's;
    /// <see cref="KmsError.KeyDisabled"/>, <see cref="KmsError.KeyDestroyed"/>, <see cref="KmsError.NoSuchKey"/>.</exception>
    SecretBytes Unwrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData = default);

    /// <summary>Opens an envelope into the caller's buffer.</summary>
    /// <param name="key">The key it must be of, in any version.</param>
    /// <param name="envelope">The envelope.</param>
    /// <param name="associatedData">What it was bound to.</param>
    /// <param name="destination">Receives the plaintext; 61 bytes less than the envelope. Must not overlap it. Zeroed on failure.</param>
    /// <returns>How many bytes the plaintext has.</returns>
    /// <exception cref="KmsException">As for the other overload.</exception>
    int Unwrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData, Span<byte> destination);

    /// <summary>Moves an envelope to the key's latest version, without showing the plaintext.</summary>
    /// <param name="key">The key it must be of, in any version.</param>
    /// <param name="envelope">The envelope.</param>
    /// <param name="associatedData">What it was bound to, and the new one will be.</param>
    /// <returns>The new envelope.</returns>
    /// <exception cref="KmsException">As for <see cref="Unwrap(KeyId, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> and
    /// <see cref="Wrap(KeyId, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.</exception>
    byte[] Rewrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData = default);

    /// <summary>Opens what was sealed to one of the keystore's public keys: HPKE, RFC 9180, base mode, single-shot.</summary>
    /// <remarks>Guards and metrics see it as <see cref="KmsOperationKind.Unwrap"/>. That it opens says nothing of who sealed it.</remarks>
    /// <param name="key">The concrete version that it was sealed to; X25519 or X-Wing.</param>
    /// <param name="ciphertext"><c>enc ‖ ct</c>.</param>
    /// <param name="options">What it was bound to, and its cipher: the same as for sealing.</param>
    /// <returns>The plaintext in guarded memory; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The key is <c>#latest</c> or has no HPKE, or the cipher is one that HPKE does not have here.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.DecryptionFailed"/> for whatever is wrong with the ciphertext, the options or the key;
    /// <see cref="KmsError.KeyDisabled"/>, <see cref="KmsError.KeyDestroyed"/>, <see cref="KmsError.NoSuchKey"/>.</exception>
    SecretBytes HpkeOpen(KeyId key, ReadOnlySpan<byte> ciphertext, HpkeOptions? options = null);

    /// <summary>Opens what was sealed to one of the keystore's public keys into the caller's buffer.</summary>
    /// <param name="key">The concrete version that it was sealed to; X25519 or X-Wing.</param>
    /// <param name="ciphertext"><c>enc ‖ ct</c>.</param>
    /// <param name="destination">Receives the plaintext: 48 bytes less than the ciphertext for X25519, 1136 for X-Wing. Must not overlap the
    /// ciphertext or what the options hold. Zeroed on failure.</param>
    /// <param name="options">What it was bound to, and its cipher: the same as for sealing.</param>
    /// <returns>How many bytes the plaintext has.</returns>
    /// <exception cref="ArgumentException">As for the other overload, or the destination is too small or overlaps an input.</exception>
    /// <exception cref="KmsException">As for the other overload.</exception>
    int HpkeOpen(KeyId key, ReadOnlySpan<byte> ciphertext, Span<byte> destination, HpkeOptions? options = null);
}

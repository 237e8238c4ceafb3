using RonKms.Interop;

namespace RonKms.Algorithms;

/// <summary>An opened XChaCha20-Poly1305 key, in guarded memory.</summary>
internal sealed class XChaCha20Poly1305Key : AeadKey
{
    private readonly SecretBytes _key;

    internal XChaCha20Poly1305Key(XChaCha20Poly1305Algorithm algorithm, ReadOnlySpan<byte> key)
        : base(algorithm)
    {
        _key = SecretBytes.CopyOf(key);
    }

    /// <inheritdoc/>
    protected override void EncryptCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData) =>
        Libsodium.Check(
            Libsodium.crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
                ciphertext, tag, maclen_p: 0, plaintext, (ulong)plaintext.Length, associatedData, (ulong)associatedData.Length, nsec: 0, nonce,
                _key.Reveal()),
            nameof(Libsodium.crypto_aead_xchacha20poly1305_ietf_encrypt_detached));

    /// <inheritdoc/>
    protected override bool TryDecryptCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData) =>
        Libsodium.crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
            plaintext, nsec: 0, ciphertext, (ulong)ciphertext.Length, tag, associatedData, (ulong)associatedData.Length, nonce,
            _key.Reveal()) == 0;

    /// <inheritdoc/>
    protected override void Wipe() => _key.Dispose();
}

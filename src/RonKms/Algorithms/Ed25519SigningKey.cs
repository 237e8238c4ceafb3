using RonKms.Interop;

namespace RonKms.Algorithms;

/// <summary>An opened Ed25519 key: libsodium's 64-byte form, seed ‖ public key, in guarded memory.</summary>
internal sealed class Ed25519SigningKey : SigningKey
{
    private readonly SecretBytes _expanded;

    internal Ed25519SigningKey(Ed25519Algorithm algorithm, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey)
        : base(algorithm)
    {
        _expanded = SecretBytes.Allocate(Libsodium.crypto_sign_ed25519_SECRETKEYBYTES);

        // Expanded anew rather than put together from the arguments: a signature under a wrong public key gives the key away.
        Span<byte> computed = stackalloc byte[Libsodium.crypto_sign_ed25519_PUBLICKEYBYTES];
        Libsodium.Check(
            Libsodium.crypto_sign_ed25519_seed_keypair(computed, _expanded.Reveal(), seed), nameof(Libsodium.crypto_sign_ed25519_seed_keypair));
        if (!computed.SequenceEqual(publicKey))
        {
            _expanded.Dispose();
            throw new ArgumentException("The public key is not this secret's.", nameof(publicKey));
        }
    }

    /// <inheritdoc/>
    protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
    {
        Libsodium.Check(
            Libsodium.crypto_sign_ed25519_detached(destination, siglen_p: 0, message, (ulong)message.Length, _expanded.Reveal()),
            nameof(Libsodium.crypto_sign_ed25519_detached));
        return Libsodium.crypto_sign_ed25519_BYTES;
    }

    /// <inheritdoc/>
    protected override void Wipe() => _expanded.Dispose();
}

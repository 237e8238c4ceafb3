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

        try
        {
            // Expanded anew rather than put together from the arguments: a signature under a wrong public key gives the key away.
            Span<byte> computed = stackalloc byte[Libsodium.crypto_sign_ed25519_PUBLICKEYBYTES];
            Libsodium.Check(
                Libsodium.crypto_sign_ed25519_seed_keypair(computed, _expanded.Reveal(), seed), nameof(Libsodium.crypto_sign_ed25519_seed_keypair));
            if (!computed.SequenceEqual(publicKey))
            {
                throw new ArgumentException("The public key is not this secret's.", nameof(publicKey));
            }
        }
        catch
        {
            Wipe();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
    {
        // libsodium hashes the message twice and writes R in between. Were R to change the message, the signature's two halves would be of two
        // messages, and two such signatures give the key away: so R never lies where the message might.
        Span<byte> signature = stackalloc byte[Libsodium.crypto_sign_ed25519_BYTES];
        Libsodium.Check(
            Libsodium.crypto_sign_ed25519_detached(signature, siglen_p: 0, message, (ulong)message.Length, _expanded.Reveal()),
            nameof(Libsodium.crypto_sign_ed25519_detached));
        signature.CopyTo(destination);
        return signature.Length;
    }

    /// <inheritdoc/>
    protected override void Wipe() => _expanded.Dispose();
}

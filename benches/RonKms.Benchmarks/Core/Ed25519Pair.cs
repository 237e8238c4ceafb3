using System.Security.Cryptography;
using RonKms.Interop;

namespace RonKms.Benchmarks.Core;

/// <summary>Ed25519 through the keystore, and by libsodium alone with the same key, held ready in the same kind of memory.</summary>
internal sealed class Ed25519Pair : IDisposable
{
    private readonly Keystore _kms;
    private readonly KeyId _key;
    private readonly SecretBytes _expanded;
    private readonly byte[] _publicKey = new byte[Libsodium.crypto_sign_ed25519_PUBLICKEYBYTES];
    private readonly byte[] _message;
    private readonly byte[] _signature = new byte[Libsodium.crypto_sign_ed25519_BYTES];

    internal Ed25519Pair(Keystore kms, int messageSize)
    {
        using SecretBytes seed = SecretBytes.Allocate(Libsodium.crypto_sign_ed25519_SEEDBYTES);
        RandomNumberGenerator.Fill(seed.Reveal());
        _kms = kms;
        _message = RandomNumberGenerator.GetBytes(messageSize);
        _key = kms.Import("bench", "signing", KeyAlgorithm.Ed25519, seed.Reveal());
        _expanded = SecretBytes.Allocate(Libsodium.crypto_sign_ed25519_SECRETKEYBYTES);
        Require(Libsodium.crypto_sign_ed25519_seed_keypair(_publicKey, _expanded.Reveal(), seed.Reveal()) == 0);
        Sign(1);
    }

    private Ed25519Pair(Ed25519Pair other)
    {
        _kms = other._kms;
        _key = other._key;
        _expanded = SecretBytes.CopyOf(other._expanded.Reveal());
        _publicKey = other._publicKey;
        _message = [.. other._message];
        Sign(1);
    }

    /// <summary>The same key with buffers of its own, for another thread.</summary>
    internal Ed25519Pair SameKey() => new(this);

    internal void Sign(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Require(_kms.Sign(_key, _message, _signature, out _) == Libsodium.crypto_sign_ed25519_BYTES);
        }
    }

    internal void SignBare(int count)
    {
        ReadOnlySpan<byte> expanded = _expanded.Reveal();
        for (int i = 0; i < count; i++)
        {
            Require(Libsodium.crypto_sign_ed25519_detached(_signature, 0, _message, (ulong)_message.Length, expanded) == 0);
        }
    }

    internal void Verify(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Require(_kms.Verify(_key, _message, _signature));
        }
    }

    internal void VerifyBare(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Require(Libsodium.crypto_sign_ed25519_verify_detached(_signature, _message, (ulong)_message.Length, _publicKey) == 0);
        }
    }

    public void Dispose() => _expanded.Dispose();

    private static void Require(bool good)
    {
        if (!good)
        {
            throw new CryptographicException("What is measured does not work.");
        }
    }
}

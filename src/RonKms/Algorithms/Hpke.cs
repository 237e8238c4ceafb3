using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>HPKE as one call uses it: base mode, HKDF-SHA256, one message a context. Source: RFC 9180, section 6.1.</summary>
/// <remarks>
/// A ciphertext is <c>enc ‖ ct</c>. Anyone can seal to a public key: that one opens says nothing of who sealed it. The nonce is
/// computed, and no message shares its key, because each has a shared secret of its own. Constant time as the KEM and the platform's
/// AEAD are; what is left of secrets is wiped.
/// </remarks>
internal readonly struct Hpke
{
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly KemAlgorithm _kem;
    private readonly ushort _kemId;
    private readonly HpkeAead _aead;
    private readonly ReadOnlyMemory<byte> _info;
    private readonly ReadOnlyMemory<byte> _associatedData;

    private Hpke(KemAlgorithm kem, ushort kemId, HpkeAead aead, HpkeOptions? options)
    {
        _kem = kem;
        _kemId = kemId;
        _aead = aead;
        _info = options?.Info ?? default;
        _associatedData = options?.AssociatedData ?? default;
    }

    /// <summary>How many bytes a ciphertext is longer than its plaintext.</summary>
    internal int Overhead => _kem.CiphertextSize + TagSize;

    /// <summary>HPKE with a KEM.</summary>
    /// <param name="kem">The KEM.</param>
    /// <param name="options">info, aad and the AEAD.</param>
    /// <returns>What seals and opens; <see langword="null"/> where the KEM has no HPKE.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such AEAD.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>: the platform does not have that AEAD.</exception>
    internal static Hpke? With(KemAlgorithm kem, HpkeOptions? options)
    {
        if (kem.HpkeKemId is not { } kemId)
        {
            return null;
        }

        HpkeAead aead = options is null or { Aead: HpkeAead.Default } ? kem.DefaultHpkeAead : options.Aead;
        bool isSupported = aead switch
        {
            HpkeAead.Aes256Gcm => AesGcm.IsSupported,
            HpkeAead.ChaCha20Poly1305 => ChaCha20Poly1305.IsSupported,
            _ => throw new ArgumentOutOfRangeException(nameof(options), aead, "HPKE is made with AES-256-GCM or ChaCha20-Poly1305."),
        };
        return isSupported
            ? new Hpke(kem, kemId, aead, options)
            : throw new KmsException(KmsError.AlgUnavailable, $"The platform has no {aead}. Name another cipher in HpkeOptions, for sealing and for opening.");
    }

    /// <summary>How long the plaintext of a ciphertext would be; 0 where the ciphertext is too short to be one.</summary>
    internal int PlaintextSize(ReadOnlySpan<byte> ciphertext) => Math.Max(0, ciphertext.Length - Overhead);

    /// <summary>Refuses a destination that lies over what is read while it is written.</summary>
    /// <exception cref="ArgumentException">It does.</exception>
    internal void RequireApart(ReadOnlySpan<byte> input, ReadOnlySpan<byte> destination)
    {
        if (destination.Overlaps(input) || destination.Overlaps(_info.Span) || destination.Overlaps(_associatedData.Span))
        {
            throw new ArgumentException("The destination overlaps the input, the info or the associated data.", nameof(destination));
        }
    }

    /// <summary>SealBase.</summary>
    /// <param name="publicKey">The raw public key, already checked.</param>
    /// <param name="plaintext">The plaintext.</param>
    /// <param name="ciphertext">Receives the ciphertext, of the exact size; zeroed on failure.</param>
    internal void Seal(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        Span<byte> sharedSecret = stackalloc byte[_kem.SharedSecretSize];
        try
        {
            _kem.Encapsulate(publicKey, ciphertext[.._kem.CiphertextSize], sharedSecret);
            Encrypt(sharedSecret, plaintext, ciphertext[_kem.CiphertextSize..]);
        }
        catch
        {
            ciphertext.Clear();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(sharedSecret);
        }
    }

    /// <summary>OpenBase, for a caller that has entered the key.</summary>
    /// <param name="key">The opened key.</param>
    /// <param name="ciphertext">The ciphertext.</param>
    /// <param name="plaintext">Receives the plaintext, <see cref="PlaintextSize"/> bytes.</param>
    /// <returns>Whether it opened.</returns>
    internal bool TryOpen(DecapsulationKey key, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        if (ciphertext.Length < Overhead)
        {
            return false;
        }

        Span<byte> sharedSecret = stackalloc byte[_kem.SharedSecretSize];
        try
        {
            return key.TryDecapsulateEntered(ciphertext[.._kem.CiphertextSize], sharedSecret)
                && TryDecrypt(sharedSecret, ciphertext[_kem.CiphertextSize..], plaintext);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(sharedSecret);
        }
    }

    /// <summary>The first ContextS.Seal under a shared secret.</summary>
    /// <param name="sharedSecret">shared_secret; used once.</param>
    /// <param name="plaintext">The plaintext.</param>
    /// <param name="ciphertext">Receives ct, 16 bytes longer than the plaintext.</param>
    internal void Encrypt(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        Span<byte> key = stackalloc byte[KeySize];
        Span<byte> nonce = stackalloc byte[NonceSize];
        try
        {
            HpkeKeySchedule.Derive(_kemId, _aead, sharedSecret, _info.Span, key, nonce);
            if (_aead == HpkeAead.Aes256Gcm)
            {
                using AesGcm gcm = new(key, TagSize);
                gcm.Encrypt(nonce, plaintext, ciphertext[..^TagSize], ciphertext[^TagSize..], _associatedData.Span);
            }
            else
            {
                using ChaCha20Poly1305 chacha = new(key);
                chacha.Encrypt(nonce, plaintext, ciphertext[..^TagSize], ciphertext[^TagSize..], _associatedData.Span);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(nonce);
        }
    }

    private bool TryDecrypt(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        Span<byte> key = stackalloc byte[KeySize];
        Span<byte> nonce = stackalloc byte[NonceSize];
        try
        {
            HpkeKeySchedule.Derive(_kemId, _aead, sharedSecret, _info.Span, key, nonce);
            if (_aead == HpkeAead.Aes256Gcm)
            {
                using AesGcm gcm = new(key, TagSize);
                gcm.Decrypt(nonce, ciphertext[..^TagSize], ciphertext[^TagSize..], plaintext, _associatedData.Span);
            }
            else
            {
                using ChaCha20Poly1305 chacha = new(key);
                chacha.Decrypt(nonce, ciphertext[..^TagSize], ciphertext[^TagSize..], plaintext, _associatedData.Span);
            }

            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(nonce);
        }
    }
}

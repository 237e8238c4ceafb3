namespace RonKms.Algorithms;

/// <summary>A key encapsulation mechanism. Checks arguments here; the leaves do the work.</summary>
public abstract class KemAlgorithm : Algorithm
{
    /// <summary>Creates the implementation of an algorithm whose keys decapsulate.</summary>
    /// <param name="id">The algorithm.</param>
    protected KemAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        if (id.Use != KeyUse.Encapsulate)
        {
            throw new ArgumentException($"{id} is not a key encapsulation mechanism.", nameof(id));
        }
    }

    /// <summary>The exact size of a ciphertext in bytes.</summary>
    public abstract int CiphertextSize { get; }

    /// <summary>The exact size of a shared secret in bytes.</summary>
    public abstract int SharedSecretSize { get; }

    /// <summary>The mechanism's identifier in HPKE (RFC 9180, section 7.1, and IANA's registry); <see langword="null"/> where there is no HPKE with it.</summary>
    public virtual ushort? HpkeKemId => null;

    /// <summary>The cipher that HPKE takes where the caller names none.</summary>
    public virtual HpkeAead DefaultHpkeAead => HpkeAead.ChaCha20Poly1305;

    /// <summary>Makes a secret ready for decapsulation.</summary>
    /// <param name="secret">A secret of this algorithm, already checked; it is copied.</param>
    /// <param name="publicKey">Its public key, already compared with the secret.</param>
    /// <returns>The opened key; the caller owns and disposes it.</returns>
    public DecapsulationKey Open(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) => OpenCore(secret, publicKey);

    /// <summary>Makes a fresh shared secret and its encapsulation to a public key.</summary>
    /// <param name="publicKey">The raw public key, already checked.</param>
    /// <param name="ciphertext">Receives the ciphertext, exactly <see cref="CiphertextSize"/> bytes.</param>
    /// <param name="sharedSecret">Receives the shared secret, exactly <see cref="SharedSecretSize"/> bytes; the caller wipes it.</param>
    /// <exception cref="ArgumentException">A length is wrong, two of the buffers overlap, or the public key cannot be encapsulated to.</exception>
    public void Encapsulate(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        if (publicKey.Length != Id.PublicKeySize)
        {
            throw new ArgumentException($"A public key of {Id} has {Id.PublicKeySize} bytes.", nameof(publicKey));
        }

        if (publicKey.Overlaps(ciphertext) || publicKey.Overlaps(sharedSecret))
        {
            throw new ArgumentException("The public key overlaps what is written.", nameof(publicKey));
        }

        CheckEncapsulation(ciphertext, sharedSecret);
        if (!TryEncapsulateCore(publicKey, ciphertext, sharedSecret))
        {
            ciphertext.Clear();
            sharedSecret.Clear();
            throw new ArgumentException($"The public key is not one that {Id} can encapsulate to.", nameof(publicKey));
        }
    }

    /// <summary>Refuses buffers of the wrong size, and such as overlap: what goes over the wire would hold the secret, or half of it.</summary>
    /// <param name="ciphertext">What is to receive the ciphertext.</param>
    /// <param name="sharedSecret">What is to receive the shared secret.</param>
    internal void CheckEncapsulation(ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> sharedSecret)
    {
        if (ciphertext.Length != CiphertextSize)
        {
            throw new ArgumentException($"A ciphertext of {Id} has {CiphertextSize} bytes.", nameof(ciphertext));
        }

        CheckDecapsulation(ciphertext, sharedSecret);
    }

    /// <summary>Refuses a shared secret's buffer of the wrong size, or one that the ciphertext lies in: it is read again after the first write.</summary>
    /// <param name="ciphertext">The ciphertext, of any length.</param>
    /// <param name="sharedSecret">What is to receive the shared secret.</param>
    internal void CheckDecapsulation(ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> sharedSecret)
    {
        if (sharedSecret.Length != SharedSecretSize)
        {
            throw new ArgumentException($"A shared secret of {Id} has {SharedSecretSize} bytes.", nameof(sharedSecret));
        }

        if (sharedSecret.Overlaps(ciphertext))
        {
            throw new ArgumentException("The shared secret overlaps the ciphertext.", nameof(sharedSecret));
        }
    }

    /// <summary>Makes a secret ready for decapsulation.</summary>
    /// <param name="secret">The secret; copy what is kept.</param>
    /// <param name="publicKey">The public key.</param>
    /// <returns>The opened key.</returns>
    protected abstract DecapsulationKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey);

    /// <summary>Encapsulates into buffers of the exact sizes.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <param name="ciphertext">Receives the ciphertext.</param>
    /// <param name="sharedSecret">Receives the shared secret.</param>
    /// <returns><see langword="false"/> where the public key cannot be used (a small-order point).</returns>
    protected abstract bool TryEncapsulateCore(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret);
}

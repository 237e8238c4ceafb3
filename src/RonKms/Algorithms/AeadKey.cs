namespace RonKms.Algorithms;

/// <summary>An opened key of an authenticated cipher. Thread-safe.</summary>
public abstract class AeadKey : OpenedKey
{
    /// <summary>Creates an opened key of an algorithm.</summary>
    /// <param name="algorithm">Its algorithm.</param>
    protected AeadKey(AeadAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        Algorithm = algorithm;
    }

    /// <summary>The key's algorithm.</summary>
    public AeadAlgorithm Algorithm { get; }

    /// <summary>Encrypts. A nonce must never be used twice with one key; random ones of this length need no counting.</summary>
    /// <param name="nonce">Exactly <see cref="AeadAlgorithm.NonceSize"/> bytes.</param>
    /// <param name="plaintext">The plaintext.</param>
    /// <param name="ciphertext">Receives the ciphertext, as long as the plaintext; may be the plaintext's own memory, but must not overlap it otherwise.</param>
    /// <param name="tag">Receives the tag, exactly <see cref="AeadAlgorithm.TagSize"/> bytes.</param>
    /// <param name="associatedData">What the tag covers besides.</param>
    /// <exception cref="ArgumentException">A length is wrong, or plaintext and ciphertext overlap in part.</exception>
    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public void Encrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        CheckSizes(nonce, plaintext, ciphertext, tag);
        Enter();
        try
        {
            EncryptEntered(nonce, plaintext, ciphertext, tag, associatedData);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Decrypts, or writes zeros where the tag is wrong.</summary>
    /// <param name="nonce">Exactly <see cref="AeadAlgorithm.NonceSize"/> bytes.</param>
    /// <param name="ciphertext">The ciphertext.</param>
    /// <param name="tag">The tag, exactly <see cref="AeadAlgorithm.TagSize"/> bytes.</param>
    /// <param name="plaintext">Receives the plaintext, as long as the ciphertext; may be the ciphertext's own memory, but must not overlap it otherwise.</param>
    /// <param name="associatedData">What the tag covers besides.</param>
    /// <returns>Whether the tag was right.</returns>
    /// <exception cref="ArgumentException">A length is wrong, or plaintext and ciphertext overlap in part.</exception>
    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public bool TryDecrypt(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        CheckSizes(nonce, plaintext, ciphertext, tag);
        Enter();
        try
        {
            return TryDecryptEntered(nonce, ciphertext, tag, plaintext, associatedData);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Encrypts for a caller that has entered the key and checked the sizes.</summary>
    internal void EncryptEntered(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData) =>
        EncryptCore(nonce, plaintext, ciphertext, tag, associatedData);

    /// <summary>Decrypts for a caller that has entered the key and checked the sizes.</summary>
    internal bool TryDecryptEntered(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        if (TryDecryptCore(nonce, ciphertext, tag, plaintext, associatedData))
        {
            return true;
        }

        plaintext.Clear();
        return false;
    }

    /// <summary>Encrypts buffers of checked sizes.</summary>
    /// <param name="nonce">The nonce.</param>
    /// <param name="plaintext">The plaintext.</param>
    /// <param name="ciphertext">Receives the ciphertext.</param>
    /// <param name="tag">Receives the tag.</param>
    /// <param name="associatedData">The associated data.</param>
    protected abstract void EncryptCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData);

    /// <summary>Decrypts buffers of checked sizes.</summary>
    /// <param name="nonce">The nonce.</param>
    /// <param name="ciphertext">The ciphertext.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="plaintext">Receives the plaintext.</param>
    /// <param name="associatedData">The associated data.</param>
    /// <returns>Whether the tag was right.</returns>
    protected abstract bool TryDecryptCore(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData);

    private static void CheckSizes(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag)
    {
        if (nonce.Length != AeadAlgorithm.NonceSize)
        {
            throw new ArgumentException($"A nonce has {AeadAlgorithm.NonceSize} bytes.", nameof(nonce));
        }

        if (tag.Length != AeadAlgorithm.TagSize)
        {
            throw new ArgumentException($"A tag has {AeadAlgorithm.TagSize} bytes.", nameof(tag));
        }

        if (plaintext.Length != ciphertext.Length)
        {
            throw new ArgumentException("Plaintext and ciphertext have the same length.", nameof(ciphertext));
        }

        if (plaintext.Overlaps(ciphertext, out int offset) && offset != 0)
        {
            throw new ArgumentException("Plaintext and ciphertext overlap in part.", nameof(ciphertext));
        }
    }
}

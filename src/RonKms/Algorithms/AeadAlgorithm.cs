namespace RonKms.Algorithms;

/// <summary>An authenticated cipher with nonces long enough to be random (24 bytes), for envelopes.</summary>
public abstract class AeadAlgorithm : Algorithm
{
    /// <summary>The size of a nonce in bytes.</summary>
    public const int NonceSize = 24;

    /// <summary>The size of a tag in bytes.</summary>
    public const int TagSize = 16;

    /// <summary>Creates the implementation of an algorithm whose keys wrap.</summary>
    /// <param name="id">The algorithm.</param>
    protected AeadAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        if (id.Use != KeyUse.Wrap)
        {
            throw new ArgumentException($"{id} is not an authenticated cipher.", nameof(id));
        }
    }

    /// <summary>Makes a secret ready for use.</summary>
    /// <param name="secret">A secret of this algorithm, already checked; it is copied.</param>
    /// <returns>The opened key; the caller owns and disposes it.</returns>
    public AeadKey Open(ReadOnlySpan<byte> secret) => OpenCore(secret);

    /// <summary>Makes a secret ready for use.</summary>
    /// <param name="secret">The secret; copy what is kept.</param>
    /// <returns>The opened key.</returns>
    protected abstract AeadKey OpenCore(ReadOnlySpan<byte> secret);

    /// <inheritdoc/>
    protected sealed override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => false;
}

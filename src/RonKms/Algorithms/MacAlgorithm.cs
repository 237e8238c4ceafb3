namespace RonKms.Algorithms;

/// <summary>A message authentication code.</summary>
public abstract class MacAlgorithm : Algorithm
{
    /// <summary>Creates the implementation of an algorithm whose keys authenticate messages.</summary>
    /// <param name="id">The algorithm.</param>
    protected MacAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        if (id.Use != KeyUse.Mac)
        {
            throw new ArgumentException($"{id} is not a message authentication code.", nameof(id));
        }
    }

    /// <summary>The exact size of a code in bytes.</summary>
    public abstract int MacSize { get; }

    /// <summary>Makes a secret ready for use.</summary>
    /// <param name="secret">A secret of this algorithm, already checked; it is copied.</param>
    /// <returns>The opened key; the caller owns and disposes it.</returns>
    public MacKey Open(ReadOnlySpan<byte> secret) => OpenCore(secret);

    /// <summary>Makes a secret ready for use.</summary>
    /// <param name="secret">The secret; copy what is kept.</param>
    /// <returns>The opened key.</returns>
    protected abstract MacKey OpenCore(ReadOnlySpan<byte> secret);

    /// <inheritdoc/>
    protected sealed override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => false;
}

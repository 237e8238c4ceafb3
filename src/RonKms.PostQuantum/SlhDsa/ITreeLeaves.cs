namespace RonKms.PostQuantum.SlhDsa;

/// <summary>What the leaves of a tree are: WOTS+ public keys or FORS values.</summary>
internal interface ITreeLeaves
{
    /// <summary>Computes consecutive leaves.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="first">The index of the first leaf.</param>
    /// <param name="adrs">ADRS, as the caller of the tree gave it.</param>
    /// <param name="leaves">Receives the leaves, n bytes each.</param>
    static abstract void Compute<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> skSeed, uint first, in Address adrs, Span<byte> leaves)
        where THash : struct, ITweakableHash<THash>;
}

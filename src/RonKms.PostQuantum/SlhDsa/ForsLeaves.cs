namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The leaves of a FORS tree: FIPS 205, algorithm 15, lines 1 to 5.</summary>
internal readonly struct ForsLeaves : ITreeLeaves
{
    /// <inheritdoc/>
    public static void Compute<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> skSeed, uint first, in Address adrs, Span<byte> leaves)
        where THash : struct, ITweakableHash<THash>
    {
        Fors.SkGen(ref hash, p, skSeed, in adrs, first, leaves);
        Address values = adrs;
        values.SetTreeHeight(0);
        values.SetTreeIndex(first);
        HashLanes.F(ref hash, p, in values, AddressWord.HashOrIndex, leaves);
    }
}

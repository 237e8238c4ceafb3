namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The leaves of an XMSS tree: FIPS 205, algorithm 9, lines 1 to 4.</summary>
internal readonly struct WotsLeaves : ITreeLeaves
{
    /// <inheritdoc/>
    public static void Compute<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> skSeed, uint first, in Address adrs, Span<byte> leaves)
        where THash : struct, ITweakableHash<THash> =>
        Wots.PkGen(ref hash, p, skSeed, in adrs, first, leaves);
}

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The functions of a parameter set under one PK.seed: FIPS 205, sections 4.1 and 11.</summary>
/// <remarks>
/// A struct, so that the generic algorithms are compiled for each family by itself. It keeps its working state, which a secret may have
/// gone through, in itself: whoever holds one calls <see cref="Wipe"/> on every path. A destination may be the input itself.
/// </remarks>
/// <typeparam name="TSelf">The family itself.</typeparam>
internal interface ITweakableHash<TSelf>
    where TSelf : struct, ITweakableHash<TSelf>
{
    /// <summary>Prepares the functions for a key.</summary>
    /// <param name="pkSeed">PK.seed, n bytes.</param>
    /// <returns>The functions.</returns>
    static abstract TSelf Create(ReadOnlySpan<byte> pkSeed);

    /// <summary>PRF(PK.seed, SK.seed, ADRS): a secret value of WOTS+ or FORS.</summary>
    /// <param name="adrs">ADRS.</param>
    /// <param name="skSeed">SK.seed, n bytes.</param>
    /// <param name="destination">Receives n bytes.</param>
    void Prf(in Address adrs, ReadOnlySpan<byte> skSeed, Span<byte> destination);

    /// <summary>F(PK.seed, ADRS, M₁).</summary>
    /// <param name="adrs">ADRS.</param>
    /// <param name="block">M₁, n bytes.</param>
    /// <param name="destination">Receives n bytes.</param>
    void F(in Address adrs, ReadOnlySpan<byte> block, Span<byte> destination);

    /// <summary>H(PK.seed, ADRS, M₂), and Tℓ(PK.seed, ADRS, Mℓ) for any greater number of blocks.</summary>
    /// <param name="adrs">ADRS.</param>
    /// <param name="blocks">At least two blocks of n bytes.</param>
    /// <param name="destination">Receives n bytes.</param>
    void T(in Address adrs, ReadOnlySpan<byte> blocks, Span<byte> destination);

    /// <summary>PRF_msg(SK.prf, opt_rand, M).</summary>
    /// <param name="skPrf">SK.prf, n bytes.</param>
    /// <param name="optRand">opt_rand, n bytes.</param>
    /// <param name="prefix">The beginning of M.</param>
    /// <param name="message">The rest of M.</param>
    /// <param name="destination">Receives n bytes.</param>
    void PrfMsg(
        ReadOnlySpan<byte> skPrf, ReadOnlySpan<byte> optRand, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> destination);

    /// <summary>H_msg(R, PK.seed, PK.root, M).</summary>
    /// <param name="r">R, n bytes.</param>
    /// <param name="publicKey">PK.seed ‖ PK.root.</param>
    /// <param name="prefix">The beginning of M.</param>
    /// <param name="message">The rest of M.</param>
    /// <param name="destination">Receives m bytes.</param>
    void HMsg(
        ReadOnlySpan<byte> r, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, Span<byte> destination);

    /// <summary>Wipes the working state.</summary>
    void Wipe();
}

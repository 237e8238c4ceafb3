namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The functions of a parameter set under one PK.seed: FIPS 205, sections 4.1 and 11.</summary>
/// <remarks>
/// A struct, so that the generic algorithms are compiled for each family by itself. It keeps its working state, which a secret may have
/// gone through, in itself: whoever holds one calls <see cref="Wipe"/> on every path. PRF, F, H and T take as many independent inputs as
/// there are addresses, at most <see cref="Lanes"/>, and work on them side by side. A destination may be the input itself.
/// </remarks>
/// <typeparam name="TSelf">The family itself.</typeparam>
internal interface ITweakableHash<TSelf>
    where TSelf : struct, ITweakableHash<TSelf>
{
    /// <summary>How many inputs one call takes; the time of a call hardly depends on how many there are.</summary>
    static abstract int Lanes { get; }

    /// <summary>Prepares the functions for a key.</summary>
    /// <param name="pkSeed">PK.seed, n bytes.</param>
    /// <returns>The functions.</returns>
    static abstract TSelf Create(ReadOnlySpan<byte> pkSeed);

    /// <summary>PRF(PK.seed, SK.seed, ADRS): secret values of WOTS+ or FORS.</summary>
    /// <param name="adrs">ADRS of each.</param>
    /// <param name="skSeed">SK.seed, n bytes.</param>
    /// <param name="destination">Receives n bytes each.</param>
    void Prf(ReadOnlySpan<Address> adrs, ReadOnlySpan<byte> skSeed, Span<byte> destination);

    /// <summary>F(PK.seed, ADRS, M₁), in place.</summary>
    /// <param name="adrs">ADRS of each.</param>
    /// <param name="blocks">M₁ of each, n bytes; receives the results.</param>
    void F(ReadOnlySpan<Address> adrs, Span<byte> blocks);

    /// <summary>H(PK.seed, ADRS, M₂), and Tℓ(PK.seed, ADRS, Mℓ) for any greater number of blocks.</summary>
    /// <param name="adrs">ADRS of each.</param>
    /// <param name="blocks">At least two blocks of n bytes each, the same number for all.</param>
    /// <param name="destination">Receives n bytes each.</param>
    void T(ReadOnlySpan<Address> adrs, ReadOnlySpan<byte> blocks, Span<byte> destination);

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

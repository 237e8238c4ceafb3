namespace RonKms.PostQuantum.SlhDsa;

/// <summary>XMSS, one tree of WOTS+ keys: FIPS 205, section 6.</summary>
/// <remarks>Constant time: as <see cref="Wots"/>; the index of the key that signs is public.</remarks>
internal static class Xmss
{
    /// <summary>Algorithm 9, xmss_node, for the root of the tree.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="adrs">ADRS with the tree's layer and address.</param>
    /// <param name="root">Receives the root, n bytes.</param>
    internal static void Root<THash>(ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> skSeed, in Address adrs, Span<byte> root)
        where THash : struct, ITweakableHash<THash>
    {
        Address nodes = adrs;
        nodes.SetTypeAndClear(AddressType.Tree);
        TreeHash.Compute<THash, WotsLeaves>(ref hash, p, skSeed, 0, p.HPrime, 0, in adrs, ref nodes, auth: default, root);
    }

    /// <summary>Algorithm 10, xmss_sign.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="m">M, n bytes.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="idx">idx, the key that signs.</param>
    /// <param name="adrs">ADRS with the tree's layer and address.</param>
    /// <param name="sig">Receives the signature, (len + h′) · n bytes.</param>
    /// <param name="root">Receives the root, n bytes; may be <paramref name="m"/> itself.</param>
    internal static void Sign<THash>(
        ref THash hash,
        SlhDsaParameters p,
        ReadOnlySpan<byte> m,
        ReadOnlySpan<byte> skSeed,
        int idx,
        in Address adrs,
        Span<byte> sig,
        Span<byte> root)
        where THash : struct, ITweakableHash<THash>
    {
        // Lines 5 to 7, which come first because the root may take the place of M.
        SignNode(ref hash, p, m, skSeed, idx, in adrs, sig[..(p.Len * p.N)]);
        Tree(ref hash, p, skSeed, idx, in adrs, sig[(p.Len * p.N)..], root);
    }

    /// <summary>Lines 5 to 7 of algorithm 10.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="m">M, n bytes.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="idx">idx, the key that signs.</param>
    /// <param name="adrs">ADRS with the tree's layer and address.</param>
    /// <param name="sig">Receives the WOTS+ signature, len · n bytes.</param>
    internal static void SignNode<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> m, ReadOnlySpan<byte> skSeed, int idx, in Address adrs, Span<byte> sig)
        where THash : struct, ITweakableHash<THash>
    {
        Address keyPair = adrs;
        keyPair.SetTypeAndClear(AddressType.WotsHash);
        keyPair.SetKeyPairAddress(idx);
        Wots.Sign(ref hash, p, m, skSeed, in keyPair, sig);
    }

    /// <summary>Lines 1 to 4 of algorithm 10 in one pass over the tree, which gives the root too: what xmss_pkFromSig would compute from the signature.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="idx">idx, the key that signs.</param>
    /// <param name="adrs">ADRS with the tree's layer and address.</param>
    /// <param name="auth">Receives the authentication path, h′ · n bytes.</param>
    /// <param name="root">Receives the root, n bytes.</param>
    internal static void Tree<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> skSeed, int idx, in Address adrs, Span<byte> auth, Span<byte> root)
        where THash : struct, ITweakableHash<THash>
    {
        Address nodes = adrs;
        nodes.SetTypeAndClear(AddressType.Tree);
        TreeHash.Compute<THash, WotsLeaves>(ref hash, p, skSeed, 0, p.HPrime, (uint)idx, in adrs, ref nodes, auth, root);
    }

    /// <summary>Algorithm 11, xmss_pkFromSig.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="idx">idx, the key that signed.</param>
    /// <param name="sig">The signature, (len + h′) · n bytes.</param>
    /// <param name="m">M, n bytes.</param>
    /// <param name="adrs">ADRS with the tree's layer and address.</param>
    /// <param name="root">Receives the root, n bytes; may be <paramref name="m"/> itself.</param>
    internal static void PkFromSig<THash>(
        ref THash hash, SlhDsaParameters p, int idx, ReadOnlySpan<byte> sig, ReadOnlySpan<byte> m, in Address adrs, Span<byte> root)
        where THash : struct, ITweakableHash<THash>
    {
        // Lines 1 to 5.
        Address nodes = adrs;
        nodes.SetTypeAndClear(AddressType.WotsHash);
        nodes.SetKeyPairAddress(idx);
        Wots.PkFromSig(ref hash, p, sig[..(p.Len * p.N)], m, in nodes, root);

        // Lines 6 to 18.
        nodes.SetTypeAndClear(AddressType.Tree);
        ReadOnlySpan<byte> auth = sig[(p.Len * p.N)..];
        AuthenticationPath.Climb(ref hash, p, [(uint)idx], p.HPrime, auth, auth.Length, new Span<Address>(ref nodes), root);
    }
}

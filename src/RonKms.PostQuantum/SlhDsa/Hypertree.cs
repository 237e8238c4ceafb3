namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The hypertree, d layers of XMSS trees: FIPS 205, section 7.</summary>
/// <remarks>Constant time: as <see cref="Xmss"/>; which trees sign is public.</remarks>
internal static class Hypertree
{
    /// <summary>Algorithm 12, ht_sign.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="m">M, n bytes.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="idxTree">idx_tree, the tree of the lowest layer that signs.</param>
    /// <param name="idxLeaf">idx_leaf, the key in it.</param>
    /// <param name="sig">Receives the signature, (h + d · len) · n bytes.</param>
    internal static void Sign<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> m, ReadOnlySpan<byte> skSeed, ulong idxTree, int idxLeaf, Span<byte> sig)
        where THash : struct, ITweakableHash<THash>
    {
        Span<byte> root = stackalloc byte[SlhDsaParameters.MaxN];
        root = root[..p.N];
        m.CopyTo(root);
        Address adrs = default;
        for (int j = 0; j < p.D; j++)
        {
            adrs.SetLayerAddress(j);
            adrs.SetTreeAddress(idxTree);
            Xmss.Sign(ref hash, p, root, skSeed, idxLeaf, in adrs, sig.Slice(j * p.XmssSignatureSize, p.XmssSignatureSize), root);
            Ascend(p, ref idxTree, out idxLeaf);
        }
    }

    /// <summary>Algorithm 12 over trees that are ready: signs each root, and the message, with the tree above.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="m">M, n bytes.</param>
    /// <param name="roots">The roots of all layers, n bytes each.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="parts">idx_tree and idx_leaf.</param>
    /// <param name="sig">Receives the signatures between the paths, which are there.</param>
    internal static void SignRoots<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> m, ReadOnlySpan<byte> roots, ReadOnlySpan<byte> skSeed, Digest parts, Span<byte> sig)
        where THash : struct, ITweakableHash<THash>
    {
        for (int j = 0; j < p.D; j++)
        {
            Address adrs = AddressOf(p, parts, j, out int idxLeaf);
            ReadOnlySpan<byte> node = j == 0 ? m : roots.Slice((j - 1) * p.N, p.N);
            Xmss.SignNode(ref hash, p, node, skSeed, idxLeaf, in adrs, sig.Slice(j * p.XmssSignatureSize, p.Len * p.N));
        }
    }

    /// <summary>The tree of a layer that signs, and the key in it.</summary>
    /// <param name="p">The parameter set.</param>
    /// <param name="parts">idx_tree and idx_leaf of the lowest layer.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="idxLeaf">Receives the key.</param>
    /// <returns>ADRS with the tree's layer and address.</returns>
    internal static Address AddressOf(SlhDsaParameters p, Digest parts, int layer, out int idxLeaf)
    {
        ulong idxTree = parts.IdxTree;
        idxLeaf = parts.IdxLeaf;
        for (int j = 0; j < layer; j++)
        {
            Ascend(p, ref idxTree, out idxLeaf);
        }

        Address adrs = default;
        adrs.SetLayerAddress(layer);
        adrs.SetTreeAddress(idxTree);
        return adrs;
    }

    /// <summary>Algorithm 13, ht_verify.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="m">M, n bytes.</param>
    /// <param name="sig">The signature, (h + d · len) · n bytes.</param>
    /// <param name="idxTree">idx_tree.</param>
    /// <param name="idxLeaf">idx_leaf.</param>
    /// <param name="pkRoot">PK.root, n bytes.</param>
    /// <returns>Whether the signature leads to the root.</returns>
    internal static bool Verify<THash>(
        ref THash hash,
        SlhDsaParameters p,
        ReadOnlySpan<byte> m,
        ReadOnlySpan<byte> sig,
        ulong idxTree,
        int idxLeaf,
        ReadOnlySpan<byte> pkRoot)
        where THash : struct, ITweakableHash<THash>
    {
        Span<byte> node = stackalloc byte[SlhDsaParameters.MaxN];
        node = node[..p.N];
        m.CopyTo(node);
        Address adrs = default;
        for (int j = 0; j < p.D; j++)
        {
            adrs.SetLayerAddress(j);
            adrs.SetTreeAddress(idxTree);
            Xmss.PkFromSig(ref hash, p, idxLeaf, sig.Slice(j * p.XmssSignatureSize, p.XmssSignatureSize), node, in adrs, node);
            Ascend(p, ref idxTree, out idxLeaf);
        }

        return node.SequenceEqual(pkRoot);
    }

    // Lines 7 and 8 of algorithm 12, 6 and 7 of algorithm 13: the h′ lowest bits choose the key that signs the tree below.
    private static void Ascend(SlhDsaParameters p, ref ulong idxTree, out int idxLeaf)
    {
        idxLeaf = (int)(idxTree & ((1UL << p.HPrime) - 1));
        idxTree >>= p.HPrime;
    }
}

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>From a leaf up to the root: what xmss_pkFromSig and fors_pkFromSig of FIPS 205 share.</summary>
/// <remarks>Constant time: everything here is public.</remarks>
internal static class AuthenticationPath
{
    /// <summary>Lines 7 to 18 of algorithm 11, and 8 to 18 of algorithm 17.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="idx">The leaf's index in its tree.</param>
    /// <param name="treeIndex">The leaf's index among all that share an address: the same for XMSS; FORS counts through its trees.</param>
    /// <param name="auth">The path, n bytes a height.</param>
    /// <param name="adrs">ADRS of the tree's type; its last words are changed.</param>
    /// <param name="node">The leaf, n bytes; receives the root.</param>
    internal static void Climb<THash>(
        ref THash hash, SlhDsaParameters p, uint idx, uint treeIndex, ReadOnlySpan<byte> auth, ref Address adrs, Span<byte> node)
        where THash : struct, ITweakableHash<THash>
    {
        Span<byte> pair = stackalloc byte[2 * SlhDsaParameters.MaxN];
        pair = pair[..(2 * p.N)];
        for (int z = 0; z * p.N < auth.Length; z++)
        {
            bool isRight = ((idx >> z) & 1) != 0;
            ReadOnlySpan<byte> sibling = auth.Slice(z * p.N, p.N);
            node.CopyTo(isRight ? pair[p.N..] : pair);
            sibling.CopyTo(isRight ? pair : pair[p.N..]);
            adrs.SetTreeHeight(z + 1);
            adrs.SetTreeIndex(treeIndex >> (z + 1));
            hash.T(in adrs, pair, node);
        }
    }
}

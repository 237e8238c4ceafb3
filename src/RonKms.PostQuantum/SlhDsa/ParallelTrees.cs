namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The trees of one signature on several threads: nearly all the work, and no tree needs another.</summary>
/// <remarks>
/// Each thread works with functions of its own, which it wipes, and writes to places of its own. Constant time: as <see cref="TreeHash"/>;
/// which thread takes which tree does not depend on a secret.
/// </remarks>
internal static class ParallelTrees
{
    /// <summary>Algorithm 16 but for its last lines, and the authentication paths of algorithm 12.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="threads">How many threads at most.</param>
    /// <param name="pkSeed">PK.seed.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="md">md, ⌈k · a / 8⌉ bytes.</param>
    /// <param name="parts">idx_tree and idx_leaf.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="forsSig">Receives the FORS signature.</param>
    /// <param name="forsRoots">Receives the roots of the FORS trees, n bytes each.</param>
    /// <param name="htSig">Receives the authentication paths of the hypertree's signature.</param>
    /// <param name="htRoots">Receives the roots of the XMSS trees, n bytes a layer.</param>
    internal static unsafe void Compute<THash>(
        int threads,
        ReadOnlySpan<byte> pkSeed,
        SlhDsaParameters p,
        ReadOnlySpan<byte> md,
        Digest parts,
        ReadOnlySpan<byte> skSeed,
        Span<byte> forsSig,
        Span<byte> forsRoots,
        Span<byte> htSig,
        Span<byte> htRoots)
        where THash : struct, ITweakableHash<THash>
    {
        int n = p.N;
        int forsStep = (1 + p.A) * n;
        int[] indices = new int[p.K];
        Base2b.Split(md, p.A, indices);
        fixed (byte* fixedPkSeed = pkSeed, fixedSkSeed = skSeed)
        fixed (byte* fixedForsSig = forsSig, fixedForsRoots = forsRoots, fixedHtSig = htSig, fixedHtRoots = htRoots)
        {
            // A lambda takes no fixed pointer, but a copy of one; all of them outlive it here.
            byte* pkAt = fixedPkSeed;
            byte* skAt = fixedSkSeed;
            byte* forsSigAt = fixedForsSig;
            byte* forsRootsAt = fixedForsRoots;
            byte* htSigAt = fixedHtSig;
            byte* htRootsAt = fixedHtRoots;
            Parallel.For(0, p.K + p.D, new ParallelOptions { MaxDegreeOfParallelism = threads }, tree =>
            {
                THash hash = THash.Create(new ReadOnlySpan<byte>(pkAt, n));
                try
                {
                    // The layers come first, for they take longer.
                    ReadOnlySpan<byte> seed = new(skAt, n);
                    if (tree < p.D)
                    {
                        Span<byte> auth = new Span<byte>(htSigAt + (tree * p.XmssSignatureSize), p.XmssSignatureSize)[(p.Len * n)..];
                        Address adrs = Hypertree.AddressOf(p, parts, tree, out int idxLeaf);
                        Xmss.Tree(ref hash, p, seed, idxLeaf, in adrs, auth, new Span<byte>(htRootsAt + (tree * n), n));
                    }
                    else
                    {
                        int i = tree - p.D;
                        Address adrs = parts.ForsAddress();
                        Fors.SignTree(
                            ref hash, p, i, indices[i], seed, in adrs, new Span<byte>(forsSigAt + (i * forsStep), forsStep), new Span<byte>(forsRootsAt + (i * n), n));
                    }
                }
                finally
                {
                    hash.Wipe();
                }
            });
        }
    }
}

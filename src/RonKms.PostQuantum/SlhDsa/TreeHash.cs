using System.Runtime.CompilerServices;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>A tree of hashes from its leaves up: what xmss_node and fors_node of FIPS 205 do by recursion.</summary>
/// <remarks>
/// Leaves come in rows, in sequence; a row becomes a node level by level, and finished nodes wait on a small stack, one a height.
/// Constant time: the leaf that the path is for is public, and everything else goes through the hash.
/// </remarks>
internal static class TreeHash
{
    /// <summary>The most leaves that come at once, as a power of two.</summary>
    internal const int RowHeight = 4;
    private const int MaxHeight = 14;

    /// <summary>Computes the root of a tree, and the authentication path of one of its leaves.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <typeparam name="TLeaves">What the leaves are.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="first">The index of the tree's first leaf, a multiple of 2^height.</param>
    /// <param name="height">The tree's height.</param>
    /// <param name="leaf">The leaf that <paramref name="auth"/> is for, counted from the first.</param>
    /// <param name="adrs">ADRS for the leaves.</param>
    /// <param name="nodes">ADRS for the nodes; its last words are changed.</param>
    /// <param name="auth">Receives the path, height · n bytes; or nothing, where only the root is wanted.</param>
    /// <param name="root">Receives the root, n bytes.</param>
    [SkipLocalsInit]
    internal static void Compute<THash, TLeaves>(
        ref THash hash,
        SlhDsaParameters p,
        ReadOnlySpan<byte> skSeed,
        uint first,
        int height,
        uint leaf,
        in Address adrs,
        ref Address nodes,
        Span<byte> auth,
        Span<byte> root)
        where THash : struct, ITweakableHash<THash>
        where TLeaves : ITreeLeaves
    {
        int n = p.N;
        int rowHeight = Math.Min(RowHeight, height);
        Span<byte> row = stackalloc byte[(1 << RowHeight) * SlhDsaParameters.MaxN];
        row = row[..(n << rowHeight)];

        // One pair a height: the left node waits in it for the right one.
        Span<byte> stack = stackalloc byte[MaxHeight * 2 * SlhDsaParameters.MaxN];
        for (uint done = 0; done < 1U << height; done += 1U << rowHeight)
        {
            TLeaves.Compute(ref hash, p, skSeed, first + done, in adrs, row);
            Keep(row, done, 0, leaf, n, auth);
            for (int z = 1; z <= rowHeight; z++)
            {
                nodes.SetTreeHeight(z);
                nodes.SetTreeIndex((first + done) >> z);
                HashLanes.T(
                    ref hash, p, in nodes, AddressWord.HashOrIndex, row[..(n << (rowHeight - z + 1))], row[..(n << (rowHeight - z))]);
                Keep(row[..(n << (rowHeight - z))], done >> z, z, leaf, n, auth);
            }

            Span<byte> node = row[..n];
            int at = rowHeight;
            for (; ((done >> at) & 1) != 0; at++)
            {
                Span<byte> pair = stack.Slice(at * 2 * n, 2 * n);
                node.CopyTo(pair[n..]);
                nodes.SetTreeHeight(at + 1);
                nodes.SetTreeIndex((first + done) >> (at + 1));
                hash.T(new ReadOnlySpan<Address>(in nodes), pair, node);
                Keep(node, done >> (at + 1), at + 1, leaf, n, auth);
            }

            node.CopyTo(at == height ? root : stack[(at * 2 * n)..]);
        }
    }

    // Of a row of nodes of height z, the path takes the one beside the leaf's own ancestor.
    private static void Keep(ReadOnlySpan<byte> row, uint index, int z, uint leaf, int n, Span<byte> auth)
    {
        uint place = ((leaf >> z) ^ 1) - index;
        if (z * n < auth.Length && place < (uint)(row.Length / n))
        {
            row.Slice((int)place * n, n).CopyTo(auth[(z * n)..]);
        }
    }
}

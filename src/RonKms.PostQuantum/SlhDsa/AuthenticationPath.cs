using System.Runtime.CompilerServices;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>From leaves up to their roots, in several trees at once: what xmss_pkFromSig and fors_pkFromSig of FIPS 205 share.</summary>
/// <remarks>Constant time: everything here is public.</remarks>
internal static class AuthenticationPath
{
    /// <summary>Lines 7 to 18 of algorithm 11, and 8 to 18 of algorithm 17.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="indices">Each leaf's index among all that share an address: FORS counts through its trees, of 2^height leaves each.</param>
    /// <param name="height">The height of a tree.</param>
    /// <param name="auth">The first path, n bytes a height, and what follows it.</param>
    /// <param name="step">From one path to the next, in bytes.</param>
    /// <param name="adrs">ADRS of each tree, of its type; the last words are changed.</param>
    /// <param name="nodes">The leaves, n bytes each; receives the roots.</param>
    [SkipLocalsInit]
    internal static void Climb<THash>(
        ref THash hash,
        SlhDsaParameters p,
        ReadOnlySpan<uint> indices,
        int height,
        ReadOnlySpan<byte> auth,
        int step,
        Span<Address> adrs,
        Span<byte> nodes)
        where THash : struct, ITweakableHash<THash>
    {
        Span<byte> pairs = stackalloc byte[HashLanes.Max * 2 * SlhDsaParameters.MaxN];
        pairs = pairs[..(adrs.Length * 2 * p.N)];
        for (int z = 0; z < height; z++)
        {
            for (int i = 0; i < adrs.Length; i++)
            {
                bool isRight = ((indices[i] >> z) & 1) != 0;
                Span<byte> pair = pairs.Slice(i * 2 * p.N, 2 * p.N);
                nodes.Slice(i * p.N, p.N).CopyTo(isRight ? pair[p.N..] : pair);
                auth.Slice((i * step) + (z * p.N), p.N).CopyTo(isRight ? pair : pair[p.N..]);
                adrs[i].SetTreeHeight(z + 1);
                adrs[i].SetTreeIndex(indices[i] >> (z + 1));
            }

            hash.T(adrs, pairs, nodes);
        }
    }
}

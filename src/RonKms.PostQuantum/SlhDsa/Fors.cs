using System.Runtime.CompilerServices;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>FORS, the few-time signature of message digests: FIPS 205, section 8.</summary>
/// <remarks>Constant time: secret values only go through the hash; which of them a signature shows is public.</remarks>
internal static class Fors
{
    /// <summary>Algorithm 14, fors_skGen, for consecutive indices.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="adrs">ADRS with the key pair's address.</param>
    /// <param name="idx">idx, the first index.</param>
    /// <param name="sk">Receives the secret values, n bytes each.</param>
    internal static void SkGen<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> skSeed, in Address adrs, uint idx, Span<byte> sk)
        where THash : struct, ITweakableHash<THash>
    {
        Address skAdrs = adrs;
        skAdrs.SetTypeAndClear(AddressType.ForsPrf);
        skAdrs.SetKeyPairAddress(adrs.GetKeyPairAddress());
        skAdrs.SetTreeIndex(idx);
        HashLanes.Prf(ref hash, p, in skAdrs, AddressWord.HashOrIndex, skSeed, sk);
    }

    /// <summary>Algorithm 16, fors_sign, with algorithm 15, fors_node, in one pass over each tree.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="md">md, ⌈k · a / 8⌉ bytes.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="adrs">ADRS of type <see cref="AddressType.ForsTree"/> with the key pair's address.</param>
    /// <param name="sig">Receives the signature, k · (1 + a) · n bytes.</param>
    /// <param name="pk">Receives the public key, n bytes: what fors_pkFromSig would compute from the signature.</param>
    [SkipLocalsInit]
    internal static void Sign<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> md, ReadOnlySpan<byte> skSeed, in Address adrs, Span<byte> sig, Span<byte> pk)
        where THash : struct, ITweakableHash<THash>
    {
        Span<int> indices = stackalloc int[SlhDsaParameters.MaxK];
        indices = indices[..p.K];
        Span<byte> roots = stackalloc byte[SlhDsaParameters.MaxK * SlhDsaParameters.MaxN];
        roots = roots[..(p.K * p.N)];

        // Line 2, then lines 3 to 10.
        Base2b.Split(md, p.A, indices);
        int step = (1 + p.A) * p.N;
        for (int i = 0; i < p.K; i++)
        {
            SignTree(ref hash, p, i, indices[i], skSeed, in adrs, sig.Slice(i * step, step), roots.Slice(i * p.N, p.N));
        }

        CompressRoots(ref hash, in adrs, roots, pk);
    }

    /// <summary>Lines 4 to 9 of algorithm 16: what one tree has in the signature.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="i">Which tree.</param>
    /// <param name="index">The leaf in it that is shown.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="adrs">ADRS of type <see cref="AddressType.ForsTree"/> with the key pair's address.</param>
    /// <param name="sig">Receives the secret value and its path, (1 + a) · n bytes.</param>
    /// <param name="root">Receives the tree's root, n bytes.</param>
    internal static void SignTree<THash>(
        ref THash hash, SlhDsaParameters p, int i, int index, ReadOnlySpan<byte> skSeed, in Address adrs, Span<byte> sig, Span<byte> root)
        where THash : struct, ITweakableHash<THash>
    {
        uint first = (uint)i << p.A;
        SkGen(ref hash, p, skSeed, in adrs, first + (uint)index, sig[..p.N]);
        Address nodes = adrs;
        TreeHash.Compute<THash, ForsLeaves>(ref hash, p, skSeed, first, p.A, (uint)index, in adrs, ref nodes, sig[p.N..], root);
    }

    /// <summary>Algorithm 17, fors_pkFromSig.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="sig">The signature, k · (1 + a) · n bytes.</param>
    /// <param name="md">md, ⌈k · a / 8⌉ bytes.</param>
    /// <param name="adrs">ADRS of type <see cref="AddressType.ForsTree"/> with the key pair's address.</param>
    /// <param name="pk">Receives the public key, n bytes.</param>
    [SkipLocalsInit]
    internal static void PkFromSig<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> sig, ReadOnlySpan<byte> md, in Address adrs, Span<byte> pk)
        where THash : struct, ITweakableHash<THash>
    {
        Span<int> indices = stackalloc int[SlhDsaParameters.MaxK];
        indices = indices[..p.K];
        Span<byte> roots = stackalloc byte[SlhDsaParameters.MaxK * SlhDsaParameters.MaxN];
        roots = roots[..(p.K * p.N)];

        // Line 1, then lines 2 to 20.
        Base2b.Split(md, p.A, indices);
        int step = (1 + p.A) * p.N;
        Span<uint> treeIndices = stackalloc uint[HashLanes.Max];
        Span<Address> lanes = stackalloc Address[HashLanes.Max];
        for (int first = 0; first < p.K; first += THash.Lanes)
        {
            Span<Address> trees = lanes[..Math.Min(THash.Lanes, p.K - first)];
            Span<byte> nodes = roots.Slice(first * p.N, trees.Length * p.N);
            for (int i = 0; i < trees.Length; i++)
            {
                treeIndices[i] = ((uint)(first + i) << p.A) + (uint)indices[first + i];
                trees[i] = adrs;
                trees[i].SetTreeHeight(0);
                trees[i].SetTreeIndex(treeIndices[i]);
                sig.Slice((first + i) * step, p.N).CopyTo(nodes[(i * p.N)..]);
            }

            hash.F(trees, nodes);
            AuthenticationPath.Climb(ref hash, p, treeIndices[..trees.Length], p.A, sig[((first * step) + p.N)..], step, trees, nodes);
        }

        CompressRoots(ref hash, in adrs, roots, pk);
    }

    /// <summary>Lines 21 to 24 of algorithm 17.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="adrs">ADRS with the key pair's address.</param>
    /// <param name="roots">The roots of all trees.</param>
    /// <param name="pk">Receives the public key, n bytes.</param>
    internal static void CompressRoots<THash>(ref THash hash, in Address adrs, ReadOnlySpan<byte> roots, Span<byte> pk)
        where THash : struct, ITweakableHash<THash>
    {
        Address forspkAdrs = adrs;
        forspkAdrs.SetTypeAndClear(AddressType.ForsRoots);
        forspkAdrs.SetKeyPairAddress(adrs.GetKeyPairAddress());
        hash.T(new ReadOnlySpan<Address>(in forspkAdrs), roots, pk);
    }
}

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The same function over many blocks whose addresses count up: where nearly all the time of SLH-DSA goes.</summary>
/// <remarks>
/// The blocks do not depend on each other. This text takes them one by one; lanes that go through several at once have their place here,
/// and nothing above them has to know.
/// </remarks>
internal static class HashLanes
{
    /// <summary>PRF for consecutive addresses.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="adrs">The first address; as before on return.</param>
    /// <param name="word">The word of the address that counts.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="blocks">Receives n bytes an address.</param>
    internal static void Prf<THash>(
        ref THash hash, SlhDsaParameters p, ref Address adrs, AddressWord word, ReadOnlySpan<byte> skSeed, Span<byte> blocks)
        where THash : struct, ITweakableHash<THash>
    {
        uint first = adrs.Get(word);
        int n = p.N;
        for (int i = 0; i * n < blocks.Length; i++)
        {
            adrs.Set(word, first + (uint)i);
            hash.Prf(in adrs, skSeed, blocks.Slice(i * n, n));
        }

        adrs.Set(word, first);
    }

    /// <summary>F for consecutive addresses, each block in place.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="adrs">The first address; as before on return.</param>
    /// <param name="word">The word of the address that counts.</param>
    /// <param name="blocks">Blocks of n bytes; each is replaced.</param>
    internal static void F<THash>(ref THash hash, SlhDsaParameters p, ref Address adrs, AddressWord word, Span<byte> blocks)
        where THash : struct, ITweakableHash<THash>
    {
        uint first = adrs.Get(word);
        int n = p.N;
        for (int i = 0; i * n < blocks.Length; i++)
        {
            Span<byte> block = blocks.Slice(i * n, n);
            adrs.Set(word, first + (uint)i);
            hash.F(in adrs, block, block);
        }

        adrs.Set(word, first);
    }

    /// <summary>H for the consecutive nodes of one height, from a row of their children.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="adrs">The address of the first node; as before on return.</param>
    /// <param name="blocks">An even number of blocks of n bytes; the first half of it is replaced by the nodes.</param>
    internal static void H<THash>(ref THash hash, SlhDsaParameters p, ref Address adrs, Span<byte> blocks)
        where THash : struct, ITweakableHash<THash>
    {
        uint first = adrs.GetTreeIndex();
        int n = p.N;
        for (int i = 0; 2 * i * n < blocks.Length; i++)
        {
            adrs.SetTreeIndex(first + (uint)i);
            hash.T(in adrs, blocks.Slice(2 * i * n, 2 * n), blocks.Slice(i * n, n));
        }

        adrs.SetTreeIndex(first);
    }
}

using System.Runtime.CompilerServices;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The same function over many blocks whose addresses count up, as many at a time as the family has lanes.</summary>
/// <remarks>Constant time: which lane takes which block follows from addresses, which are public.</remarks>
internal static class HashLanes
{
    /// <summary>The most lanes of any family.</summary>
    internal const int Max = 16;

    /// <summary>PRF for consecutive addresses.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="adrs">The first address.</param>
    /// <param name="word">The word of the address that counts.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="blocks">Receives n bytes an address.</param>
    [SkipLocalsInit]
    internal static void Prf<THash>(
        ref THash hash, SlhDsaParameters p, in Address adrs, AddressWord word, ReadOnlySpan<byte> skSeed, Span<byte> blocks)
        where THash : struct, ITweakableHash<THash>
    {
        Span<Address> lanes = stackalloc Address[Max];
        for (int done = 0; done * p.N < blocks.Length;)
        {
            Span<Address> batch = Count(in adrs, word, done, lanes[..Math.Min(THash.Lanes, (blocks.Length / p.N) - done)]);
            hash.Prf(batch, skSeed, blocks.Slice(done * p.N, batch.Length * p.N));
            done += batch.Length;
        }
    }

    /// <summary>F for consecutive addresses, each block in place.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="adrs">The first address.</param>
    /// <param name="word">The word of the address that counts.</param>
    /// <param name="blocks">Blocks of n bytes; each is replaced.</param>
    [SkipLocalsInit]
    internal static void F<THash>(ref THash hash, SlhDsaParameters p, in Address adrs, AddressWord word, Span<byte> blocks)
        where THash : struct, ITweakableHash<THash>
    {
        Span<Address> lanes = stackalloc Address[Max];
        for (int done = 0; done * p.N < blocks.Length;)
        {
            Span<Address> batch = Count(in adrs, word, done, lanes[..Math.Min(THash.Lanes, (blocks.Length / p.N) - done)]);
            hash.F(batch, blocks.Slice(done * p.N, batch.Length * p.N));
            done += batch.Length;
        }
    }

    /// <summary>T for consecutive addresses, from a row of their blocks: H for a row of children.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="adrs">The first address.</param>
    /// <param name="word">The word of the address that counts.</param>
    /// <param name="blocks">The blocks, the same number for each address.</param>
    /// <param name="nodes">Receives n bytes an address; may be the beginning of the blocks.</param>
    [SkipLocalsInit]
    internal static void T<THash>(
        ref THash hash, SlhDsaParameters p, in Address adrs, AddressWord word, ReadOnlySpan<byte> blocks, Span<byte> nodes)
        where THash : struct, ITweakableHash<THash>
    {
        Span<Address> lanes = stackalloc Address[Max];
        int size = blocks.Length / (nodes.Length / p.N);
        for (int done = 0; done * p.N < nodes.Length;)
        {
            Span<Address> batch = Count(in adrs, word, done, lanes[..Math.Min(THash.Lanes, (nodes.Length / p.N) - done)]);
            hash.T(batch, blocks.Slice(done * size, batch.Length * size), nodes.Slice(done * p.N, batch.Length * p.N));
            done += batch.Length;
        }
    }

    private static Span<Address> Count(in Address adrs, AddressWord word, int done, Span<Address> batch)
    {
        uint next = adrs.Get(word) + (uint)done;
        foreach (ref Address lane in batch)
        {
            lane = adrs;
            lane.Set(word, next++);
        }

        return batch;
    }
}

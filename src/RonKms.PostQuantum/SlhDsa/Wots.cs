using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>WOTS+, the one-time signature of nodes: FIPS 205, section 5.</summary>
/// <remarks>
/// Constant time: secret values only go through the hash. How far a chain is followed depends on the node that is signed,
/// and that node can be computed from the signature.
/// </remarks>
internal static class Wots
{
    /// <summary>Algorithm 5, chain, for the chains of a key, in place.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="chains">X of each chain, n bytes; receives where it leads.</param>
    /// <param name="from">The step that each chain begins with; the same for all, or else <paramref name="to"/> is.</param>
    /// <param name="to">The step before which each chain ends.</param>
    /// <param name="adrs">ADRS, of type <see cref="AddressType.WotsHash"/>, with the key pair's address.</param>
    [SkipLocalsInit]
    internal static void Follow<THash>(
        ref THash hash, SlhDsaParameters p, Span<byte> chains, ReadOnlySpan<int> from, ReadOnlySpan<int> to, in Address adrs)
        where THash : struct, ITweakableHash<THash>
    {
        // Those that go furthest come first and share their calls, so that few lanes idle.
        Span<int> order = stackalloc int[SlhDsaParameters.MaxLen];
        int found = 0;
        for (int steps = SlhDsaParameters.W - 1; steps > 0; steps--)
        {
            for (int i = 0; i < from.Length; i++)
            {
                if (to[i] - from[i] == steps)
                {
                    order[found++] = i;
                }
            }
        }

        Span<Address> lanes = stackalloc Address[HashLanes.Max];
        Span<byte> room = stackalloc byte[HashLanes.Max * SlhDsaParameters.MaxN];
        for (ReadOnlySpan<int> left = order[..found]; !left.IsEmpty;)
        {
            ReadOnlySpan<int> batch = left[..Math.Min(THash.Lanes, left.Length)];
            left = left[batch.Length..];
            for (int lane = 0; lane < batch.Length; lane++)
            {
                lanes[lane] = adrs;
                lanes[lane].SetChainAddress(batch[lane]);
                chains.Slice(batch[lane] * p.N, p.N).CopyTo(room[(lane * p.N)..]);
            }

            for (int j = from[batch[0]]; j < to[batch[0]]; j++)
            {
                int active = 0;
                while (active < batch.Length && from[batch[active]] <= j && j < to[batch[active]])
                {
                    lanes[active++].SetHashAddress(j);
                }

                hash.F(lanes[..active], room[..(active * p.N)]);
            }

            for (int lane = 0; lane < batch.Length; lane++)
            {
                room.Slice(lane * p.N, p.N).CopyTo(chains[(batch[lane] * p.N)..]);
            }
        }

        CryptographicOperations.ZeroMemory(room);
    }

    /// <summary>Algorithm 6, wots_pkGen, for consecutive key pairs.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="adrs">ADRS with the tree's layer and address.</param>
    /// <param name="first">The first key pair's address.</param>
    /// <param name="pks">Receives the public keys, n bytes each; at most 2^<see cref="TreeHash.RowHeight"/>.</param>
    [SkipLocalsInit]
    internal static void PkGen<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> skSeed, in Address adrs, uint first, Span<byte> pks)
        where THash : struct, ITweakableHash<THash>
    {
        int chains = pks.Length / p.N * p.Len;
        Span<byte> tmp = stackalloc byte[(SlhDsaParameters.MaxLen * SlhDsaParameters.MaxN) << TreeHash.RowHeight];
        tmp = tmp[..(chains * p.N)];
        Span<Address> lanes = stackalloc Address[HashLanes.Max];

        // Lines 1 to 9. All chains of all keys go their whole length, so they go side by side, and no secret value is left.
        for (int done = 0; done < chains; done += THash.Lanes)
        {
            Span<Address> batch = lanes[..Math.Min(THash.Lanes, chains - done)];
            Span<byte> blocks = tmp.Slice(done * p.N, batch.Length * p.N);
            SetChains(batch, AddressType.WotsPrf, in adrs, first, done, p.Len);
            hash.Prf(batch, skSeed, blocks);
            SetChains(batch, AddressType.WotsHash, in adrs, first, done, p.Len);
            for (int j = 0; j < SlhDsaParameters.W - 1; j++)
            {
                foreach (ref Address lane in batch)
                {
                    lane.SetHashAddress(j);
                }

                hash.F(batch, blocks);
            }
        }

        // Lines 10 to 13.
        Address wotspkAdrs = adrs;
        wotspkAdrs.SetTypeAndClear(AddressType.WotsPk);
        wotspkAdrs.SetKeyPairAddress((int)first);
        HashLanes.T(ref hash, p, in wotspkAdrs, AddressWord.KeyPair, tmp, pks);
    }

    /// <summary>Algorithm 7, wots_sign.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="m">M, the node to sign, n bytes.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="adrs">ADRS, of type <see cref="AddressType.WotsHash"/>, with the key pair's address.</param>
    /// <param name="sig">Receives the signature, len · n bytes, and nothing before it is finished.</param>
    [SkipLocalsInit]
    internal static void Sign<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> m, ReadOnlySpan<byte> skSeed, in Address adrs, Span<byte> sig)
        where THash : struct, ITweakableHash<THash>
    {
        Span<byte> tmp = stackalloc byte[SlhDsaParameters.MaxLen * SlhDsaParameters.MaxN];
        tmp = tmp[..(p.Len * p.N)];
        Span<int> msg = stackalloc int[SlhDsaParameters.MaxLen];
        msg = msg[..p.Len];

        // Lines 1 to 7.
        Steps(m, msg);

        Span<int> starts = stackalloc int[SlhDsaParameters.MaxLen];
        starts = starts[..p.Len];
        starts.Clear();

        // Lines 8 to 16, out of the caller's sight: whoever reads the beginning of a chain can sign other nodes.
        try
        {
            Address skAdrs = adrs;
            skAdrs.SetTypeAndClear(AddressType.WotsPrf);
            skAdrs.SetKeyPairAddress(adrs.GetKeyPairAddress());
            HashLanes.Prf(ref hash, p, in skAdrs, AddressWord.ChainOrHeight, skSeed, tmp);
            Follow(ref hash, p, tmp, starts, msg, in adrs);
            tmp.CopyTo(sig);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(tmp);
        }
    }

    /// <summary>Algorithm 8, wots_pkFromSig.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="sig">The signature, len · n bytes.</param>
    /// <param name="m">M, the node that was signed, n bytes.</param>
    /// <param name="adrs">ADRS, of type <see cref="AddressType.WotsHash"/>, with the key pair's address.</param>
    /// <param name="pk">Receives the public key, n bytes; may be <paramref name="m"/> itself.</param>
    [SkipLocalsInit]
    internal static void PkFromSig<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> sig, ReadOnlySpan<byte> m, in Address adrs, Span<byte> pk)
        where THash : struct, ITweakableHash<THash>
    {
        Span<byte> tmp = stackalloc byte[SlhDsaParameters.MaxLen * SlhDsaParameters.MaxN];
        tmp = tmp[..(p.Len * p.N)];
        Span<int> msg = stackalloc int[SlhDsaParameters.MaxLen];
        msg = msg[..p.Len];

        // Lines 1 to 7.
        Steps(m, msg);

        // Lines 8 to 11.
        Span<int> ends = stackalloc int[SlhDsaParameters.MaxLen];
        ends = ends[..p.Len];
        ends.Fill(SlhDsaParameters.W - 1);
        sig.CopyTo(tmp);
        Follow(ref hash, p, tmp, msg, ends, in adrs);

        // Lines 12 to 15.
        Address wotspkAdrs = adrs;
        wotspkAdrs.SetTypeAndClear(AddressType.WotsPk);
        wotspkAdrs.SetKeyPairAddress(adrs.GetKeyPairAddress());
        hash.T(new ReadOnlySpan<Address>(in wotspkAdrs), tmp, pk);
    }

    /// <summary>How far each chain is followed: the node's digits, then those of their checksum.</summary>
    /// <param name="m">M, the node, n bytes.</param>
    /// <param name="msg">Receives len numbers below w.</param>
    internal static void Steps(ReadOnlySpan<byte> m, Span<int> msg)
    {
        int len1 = 2 * m.Length;
        Base2b.Split(m, SlhDsaParameters.LgW, msg[..len1]);
        int csum = 0;
        foreach (int digit in msg[..len1])
        {
            csum += SlhDsaParameters.W - 1 - digit;
        }

        // len₂ · lg w = 12 bits, moved to the beginning of two bytes.
        csum <<= 4;
        Base2b.Split([(byte)(csum >> 8), (byte)csum], SlhDsaParameters.LgW, msg[len1..]);
    }

    // The addresses of consecutive chains of consecutive keys.
    private static void SetChains(Span<Address> batch, AddressType type, in Address adrs, uint first, int done, int len)
    {
        foreach (ref Address lane in batch)
        {
            (int key, int chain) = Math.DivRem(done++, len);
            lane = adrs;
            lane.SetTypeAndClear(type);
            lane.SetKeyPairAddress((int)first + key);
            lane.SetChainAddress(chain);
        }
    }
}

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
    /// <summary>Algorithm 5, chain, in place.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="x">X, n bytes; receives the end.</param>
    /// <param name="i">The step to begin with.</param>
    /// <param name="s">The number of steps.</param>
    /// <param name="adrs">ADRS; its hash address is changed.</param>
    internal static void Chain<THash>(ref THash hash, Span<byte> x, int i, int s, ref Address adrs)
        where THash : struct, ITweakableHash<THash>
    {
        for (int j = i; j < i + s; j++)
        {
            adrs.SetHashAddress(j);
            hash.F(in adrs, x, x);
        }
    }

    /// <summary>Algorithm 6, wots_pkGen.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="adrs">ADRS, of type <see cref="AddressType.WotsHash"/>; its last words are changed.</param>
    /// <param name="pk">Receives the public key, n bytes.</param>
    [SkipLocalsInit]
    internal static void PkGen<THash>(ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> skSeed, ref Address adrs, Span<byte> pk)
        where THash : struct, ITweakableHash<THash>
    {
        Span<byte> tmp = stackalloc byte[SlhDsaParameters.MaxLen * SlhDsaParameters.MaxN];
        tmp = tmp[..(p.Len * p.N)];

        // Lines 1 to 9. All chains go their whole length, so they go side by side, one step at a time, and no secret value is left.
        SkGen(ref hash, p, skSeed, in adrs, tmp);
        adrs.SetChainAddress(0);
        for (int j = 0; j < SlhDsaParameters.W - 1; j++)
        {
            adrs.SetHashAddress(j);
            HashLanes.F(ref hash, p, ref adrs, AddressWord.ChainOrHeight, tmp);
        }

        // Lines 10 to 13.
        Compress(ref hash, in adrs, tmp, pk);
    }

    /// <summary>Algorithm 7, wots_sign.</summary>
    /// <typeparam name="THash">The family.</typeparam>
    /// <param name="hash">The functions.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="m">M, the node to sign, n bytes.</param>
    /// <param name="skSeed">SK.seed.</param>
    /// <param name="adrs">ADRS, of type <see cref="AddressType.WotsHash"/>; its last words are changed.</param>
    /// <param name="sig">Receives the signature, len · n bytes, and nothing before it is finished.</param>
    [SkipLocalsInit]
    internal static void Sign<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> m, ReadOnlySpan<byte> skSeed, ref Address adrs, Span<byte> sig)
        where THash : struct, ITweakableHash<THash>
    {
        Span<byte> tmp = stackalloc byte[SlhDsaParameters.MaxLen * SlhDsaParameters.MaxN];
        tmp = tmp[..(p.Len * p.N)];
        Span<int> msg = stackalloc int[SlhDsaParameters.MaxLen];
        msg = msg[..p.Len];

        // Lines 1 to 7.
        Steps(m, msg);

        // Lines 8 to 16, out of the caller's sight: whoever reads the beginning of a chain can sign other nodes.
        try
        {
            SkGen(ref hash, p, skSeed, in adrs, tmp);
            for (int i = 0; i < msg.Length; i++)
            {
                adrs.SetChainAddress(i);
                Chain(ref hash, tmp.Slice(i * p.N, p.N), 0, msg[i], ref adrs);
            }

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
    /// <param name="adrs">ADRS, of type <see cref="AddressType.WotsHash"/>; its last words are changed.</param>
    /// <param name="pk">Receives the public key, n bytes; may be <paramref name="m"/> itself.</param>
    [SkipLocalsInit]
    internal static void PkFromSig<THash>(
        ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> sig, ReadOnlySpan<byte> m, ref Address adrs, Span<byte> pk)
        where THash : struct, ITweakableHash<THash>
    {
        Span<byte> tmp = stackalloc byte[SlhDsaParameters.MaxLen * SlhDsaParameters.MaxN];
        tmp = tmp[..(p.Len * p.N)];
        Span<int> msg = stackalloc int[SlhDsaParameters.MaxLen];
        msg = msg[..p.Len];

        // Lines 1 to 7.
        Steps(m, msg);

        // Lines 8 to 11.
        sig.CopyTo(tmp);
        for (int i = 0; i < msg.Length; i++)
        {
            adrs.SetChainAddress(i);
            Chain(ref hash, tmp.Slice(i * p.N, p.N), msg[i], SlhDsaParameters.W - 1 - msg[i], ref adrs);
        }

        // Lines 12 to 15.
        Compress(ref hash, in adrs, tmp, pk);
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

    private static void SkGen<THash>(ref THash hash, SlhDsaParameters p, ReadOnlySpan<byte> skSeed, in Address adrs, Span<byte> sk)
        where THash : struct, ITweakableHash<THash>
    {
        Address skAdrs = adrs;
        skAdrs.SetTypeAndClear(AddressType.WotsPrf);
        skAdrs.SetKeyPairAddress(adrs.GetKeyPairAddress());
        HashLanes.Prf(ref hash, p, ref skAdrs, AddressWord.ChainOrHeight, skSeed, sk);
    }

    private static void Compress<THash>(ref THash hash, in Address adrs, ReadOnlySpan<byte> tmp, Span<byte> pk)
        where THash : struct, ITweakableHash<THash>
    {
        Address wotspkAdrs = adrs;
        wotspkAdrs.SetTypeAndClear(AddressType.WotsPk);
        wotspkAdrs.SetKeyPairAddress(adrs.GetKeyPairAddress());
        hash.T(in wotspkAdrs, tmp, pk);
    }
}

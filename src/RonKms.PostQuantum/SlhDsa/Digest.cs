using System.Buffers.Binary;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The parts of a message digest: md, then idx_tree, then idx_leaf. FIPS 205, algorithm 19, lines 6 to 10. All public.</summary>
internal readonly struct Digest
{
    /// <summary>Takes a digest apart.</summary>
    /// <param name="p">The parameter set.</param>
    /// <param name="digest">The digest, m bytes.</param>
    internal Digest(SlhDsaParameters p, ReadOnlySpan<byte> digest)
    {
        int treeBits = p.H - p.HPrime;
        int treeSize = (treeBits + 7) / 8;
        ReadOnlySpan<byte> indices = digest[MdSize(p)..];
        IdxTree = ToInt(indices[..treeSize]) & (ulong.MaxValue >> (64 - treeBits));
        IdxLeaf = (int)ToInt(indices[treeSize..]) & ((1 << p.HPrime) - 1);
    }

    /// <summary>idx_tree.</summary>
    internal ulong IdxTree { get; }

    /// <summary>idx_leaf.</summary>
    internal int IdxLeaf { get; }

    /// <summary>The size of md in bytes, ⌈k · a / 8⌉.</summary>
    /// <param name="p">The parameter set.</param>
    /// <returns>The size.</returns>
    internal static int MdSize(SlhDsaParameters p) => ((p.K * p.A) + 7) / 8;

    /// <summary>ADRS of the FORS key: algorithm 19, lines 1 and 11 to 13.</summary>
    /// <returns>ADRS.</returns>
    internal Address ForsAddress()
    {
        Address adrs = default;
        adrs.SetTreeAddress(IdxTree);
        adrs.SetTypeAndClear(AddressType.ForsTree);
        adrs.SetKeyPairAddress(IdxLeaf);
        return adrs;
    }

    // Algorithm 2, toInt, for at most eight bytes.
    private static ulong ToInt(ReadOnlySpan<byte> x)
    {
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        x.CopyTo(padded[(padded.Length - x.Length)..]);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }
}

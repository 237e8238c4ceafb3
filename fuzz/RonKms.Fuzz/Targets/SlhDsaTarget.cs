using System.Numerics;
using RonKms.Fuzz.Engine;
using RonKms.PostQuantum.SlhDsa;

namespace RonKms.Fuzz.Targets;

/// <summary>SLH-DSA's decoders: a digest and its numbers are what whole-number arithmetic gives; a signature that nobody made is not good.</summary>
/// <remarks>The first byte chooses the parameter set. Signatures of the two smallest sets alone are verified: the others only have more of the same.</remarks>
internal static class SlhDsaTarget
{
    private static readonly ManagedSlhDsaAlgorithm[] s_verified = [new(KeyAlgorithm.SlhDsaSha2_128s), new(KeyAlgorithm.SlhDsaShake128s)];

    internal static FuzzTarget Target { get; } = new("slh-dsa", Run)
    {
        Seeds = static _ => SlhDsaParameters.All.Select((parameters, i) => (byte[])[(byte)i, .. new byte[parameters.M]]),
        MaxSize = 1 + 7856,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        SlhDsaParameters p = SlhDsaParameters.All[input[0] % SlhDsaParameters.All.Count];
        byte[] digest = Sized.Of(input[1..], p.M);
        int treeBits = p.H - p.HPrime;
        int mdSize = Digest.MdSize(p);
        int treeSize = (treeBits + 7) / 8;
        Digest parts = new(p, digest);
        Oracle.Holds(parts.IdxTree == (ulong)Number(digest.AsSpan(mdSize, treeSize), treeBits), $"idx_tree is {parts.IdxTree}");
        Oracle.Holds(parts.IdxLeaf == (int)Number(digest.AsSpan(mdSize + treeSize), p.HPrime), $"idx_leaf is {parts.IdxLeaf}");

        int[] indices = new int[p.K];
        Base2b.Split(digest.AsSpan(0, mdSize), p.A, indices);
        BigInteger md = new(digest.AsSpan(0, mdSize), isUnsigned: true, isBigEndian: true);
        for (int i = 0; i < indices.Length; i++)
        {
            Oracle.Holds(indices[i] == (int)((md >> ((8 * mdSize) - ((i + 1) * p.A))) & ((1 << p.A) - 1)), $"number {i} is {indices[i]}");
        }

        foreach (ManagedSlhDsaAlgorithm algorithm in s_verified)
        {
            if (algorithm.Id == p.Id)
            {
                Oracle.Holds(!algorithm.Verify(new byte[32], "message"u8, Sized.Of(input, algorithm.MaxSignatureSize)), "a signature that nobody made is good");
                Oracle.Holds(!algorithm.Verify(new byte[32], "message"u8, input), "a signature that nobody made is good");
            }
        }
    }

    /// <summary>The lowest bits of a big-endian number.</summary>
    private static BigInteger Number(ReadOnlySpan<byte> bytes, int bits) =>
        new BigInteger(bytes, isUnsigned: true, isBigEndian: true) & ((BigInteger.One << bits) - 1);
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The challenge c out of the commitment hash c̃: FIPS 204, algorithm 29.</summary>
/// <remarks>
/// Branches and indices follow c̃, which is public in a signature. Of a rejected candidate they may show c: that is the output of a
/// hash over the commitment's high bits, which cannot be had without them, and whether a candidate is rejected does not depend on c
/// and the secret together (the number of masks y that take z out of its range is the same for every c·s1). The signs, which a
/// branch could show as well, are taken by arithmetic.
/// </remarks>
internal static class SampleInBall
{
    private const int SignBytes = 8;

    /// <summary>Algorithm 29, SampleInBall.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="commitmentHash">c̃.</param>
    /// <param name="c">Receives c: τ coefficients of 1 or −1, otherwise 0.</param>
    internal static void Fill(MLDsaParameters parameters, ReadOnlySpan<byte> commitmentHash, Span<int> c)
    {
        // Steps 1 to 5.
        c.Clear();
        Span<byte> block = stackalloc byte[Shake.Rate256];
        using Shake h = Shake.Shake256(stackalloc ulong[Shake.StateLanes]);
        h.Absorb(commitmentHash);
        h.Squeeze(block);
        ulong signs = BinaryPrimitives.ReadUInt64LittleEndian(block);
        int next = SignBytes;

        // Steps 6 to 13.
        for (int i = c.Length - parameters.Tau; i < c.Length; i++)
        {
            int j;
            do
            {
                if (next == block.Length)
                {
                    h.Squeeze(block);
                    next = 0;
                }

                j = block[next++];
            }
            while (j > i);

            c[i] = c[j];
            c[j] = 1 - (int)((signs & 1) << 1);
            signs >>= 1;
        }

        // Of a rejected candidate nothing is left behind.
        CryptographicOperations.ZeroMemory(block);
    }
}

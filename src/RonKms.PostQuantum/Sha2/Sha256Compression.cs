using System.Numerics;
using System.Runtime.CompilerServices;

namespace RonKms.PostQuantum.Sha2;

/// <summary>The compression function of SHA-256: FIPS 180-4, section 6.2.2.</summary>
/// <remarks>
/// The one place where SHA-256 spends its time. The message schedule is made in place of the block, so that wiping the block wipes it.
/// Constant time: additions, rotations and Boolean functions; no branch or index depends on the data.
/// </remarks>
internal static class Sha256Compression
{
    private const int Rounds = 64;
    private const int Words = 16;

    // FIPS 180-4, section 4.2.2.
    private static ReadOnlySpan<uint> RoundConstants =>
    [
        0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
        0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
        0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
        0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
        0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
        0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
        0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
        0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
    ];

    /// <summary>Compresses one block into the chaining value.</summary>
    /// <param name="chain">The chaining value, eight words.</param>
    /// <param name="words">The block as sixteen words; overwritten.</param>
    internal static void Compress(Span<uint> chain, Span<uint> words)
    {
        chain = chain[..8];
        words = words[..Words];
        uint a = chain[0];
        uint b = chain[1];
        uint c = chain[2];
        uint d = chain[3];
        uint e = chain[4];
        uint f = chain[5];
        uint g = chain[6];
        uint h = chain[7];

        for (int t = 0; t < Rounds; t += Words)
        {
            if (t != 0)
            {
                words[0] += SmallSigma1(words[14]) + words[9] + SmallSigma0(words[1]);
                words[1] += SmallSigma1(words[15]) + words[10] + SmallSigma0(words[2]);
                words[2] += SmallSigma1(words[0]) + words[11] + SmallSigma0(words[3]);
                words[3] += SmallSigma1(words[1]) + words[12] + SmallSigma0(words[4]);
                words[4] += SmallSigma1(words[2]) + words[13] + SmallSigma0(words[5]);
                words[5] += SmallSigma1(words[3]) + words[14] + SmallSigma0(words[6]);
                words[6] += SmallSigma1(words[4]) + words[15] + SmallSigma0(words[7]);
                words[7] += SmallSigma1(words[5]) + words[0] + SmallSigma0(words[8]);
                words[8] += SmallSigma1(words[6]) + words[1] + SmallSigma0(words[9]);
                words[9] += SmallSigma1(words[7]) + words[2] + SmallSigma0(words[10]);
                words[10] += SmallSigma1(words[8]) + words[3] + SmallSigma0(words[11]);
                words[11] += SmallSigma1(words[9]) + words[4] + SmallSigma0(words[12]);
                words[12] += SmallSigma1(words[10]) + words[5] + SmallSigma0(words[13]);
                words[13] += SmallSigma1(words[11]) + words[6] + SmallSigma0(words[14]);
                words[14] += SmallSigma1(words[12]) + words[7] + SmallSigma0(words[15]);
                words[15] += SmallSigma1(words[13]) + words[8] + SmallSigma0(words[0]);
            }

            for (int i = 0; i < Words; i += 8)
            {
                Round(a, b, c, ref d, e, f, g, ref h, words[i] + RoundConstants[t + i]);
                Round(h, a, b, ref c, d, e, f, ref g, words[i + 1] + RoundConstants[t + i + 1]);
                Round(g, h, a, ref b, c, d, e, ref f, words[i + 2] + RoundConstants[t + i + 2]);
                Round(f, g, h, ref a, b, c, d, ref e, words[i + 3] + RoundConstants[t + i + 3]);
                Round(e, f, g, ref h, a, b, c, ref d, words[i + 4] + RoundConstants[t + i + 4]);
                Round(d, e, f, ref g, h, a, b, ref c, words[i + 5] + RoundConstants[t + i + 5]);
                Round(c, d, e, ref f, g, h, a, ref b, words[i + 6] + RoundConstants[t + i + 6]);
                Round(b, c, d, ref e, f, g, h, ref a, words[i + 7] + RoundConstants[t + i + 7]);
            }
        }

        chain[0] += a;
        chain[1] += b;
        chain[2] += c;
        chain[3] += d;
        chain[4] += e;
        chain[5] += f;
        chain[6] += g;
        chain[7] += h;
    }

    // The eight variables stay where they are; what the standard shifts is which of them plays which part.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(uint a, uint b, uint c, ref uint d, uint e, uint f, uint g, ref uint h, uint input)
    {
        h += BigSigma1(e) + (g ^ (e & (f ^ g))) + input;
        d += h;
        h += BigSigma0(a) + ((a & b) | (c & (a | b)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BigSigma0(uint x) => BitOperations.RotateRight(x, 2) ^ BitOperations.RotateRight(x, 13) ^ BitOperations.RotateRight(x, 22);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BigSigma1(uint x) => BitOperations.RotateRight(x, 6) ^ BitOperations.RotateRight(x, 11) ^ BitOperations.RotateRight(x, 25);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint SmallSigma0(uint x) => BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ (x >> 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint SmallSigma1(uint x) => BitOperations.RotateRight(x, 17) ^ BitOperations.RotateRight(x, 19) ^ (x >> 10);
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace RonKms.PostQuantum.Sha2;

/// <summary>The compression function of SHA-512: FIPS 180-4, section 6.4.2.</summary>
/// <remarks>
/// The one place where SHA-512 spends its time. The message schedule is made in place of the block, so that wiping the block wipes it.
/// Constant time: additions, rotations and Boolean functions; no branch or index depends on the data.
/// </remarks>
internal static class Sha512Compression
{
    private const int Rounds = 80;
    private const int Words = 16;

    // FIPS 180-4, section 4.2.3.
    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x428A2F98D728AE22, 0x7137449123EF65CD, 0xB5C0FBCFEC4D3B2F, 0xE9B5DBA58189DBBC,
        0x3956C25BF348B538, 0x59F111F1B605D019, 0x923F82A4AF194F9B, 0xAB1C5ED5DA6D8118,
        0xD807AA98A3030242, 0x12835B0145706FBE, 0x243185BE4EE4B28C, 0x550C7DC3D5FFB4E2,
        0x72BE5D74F27B896F, 0x80DEB1FE3B1696B1, 0x9BDC06A725C71235, 0xC19BF174CF692694,
        0xE49B69C19EF14AD2, 0xEFBE4786384F25E3, 0x0FC19DC68B8CD5B5, 0x240CA1CC77AC9C65,
        0x2DE92C6F592B0275, 0x4A7484AA6EA6E483, 0x5CB0A9DCBD41FBD4, 0x76F988DA831153B5,
        0x983E5152EE66DFAB, 0xA831C66D2DB43210, 0xB00327C898FB213F, 0xBF597FC7BEEF0EE4,
        0xC6E00BF33DA88FC2, 0xD5A79147930AA725, 0x06CA6351E003826F, 0x142929670A0E6E70,
        0x27B70A8546D22FFC, 0x2E1B21385C26C926, 0x4D2C6DFC5AC42AED, 0x53380D139D95B3DF,
        0x650A73548BAF63DE, 0x766A0ABB3C77B2A8, 0x81C2C92E47EDAEE6, 0x92722C851482353B,
        0xA2BFE8A14CF10364, 0xA81A664BBC423001, 0xC24B8B70D0F89791, 0xC76C51A30654BE30,
        0xD192E819D6EF5218, 0xD69906245565A910, 0xF40E35855771202A, 0x106AA07032BBD1B8,
        0x19A4C116B8D2D0C8, 0x1E376C085141AB53, 0x2748774CDF8EEB99, 0x34B0BCB5E19B48A8,
        0x391C0CB3C5C95A63, 0x4ED8AA4AE3418ACB, 0x5B9CCA4F7763E373, 0x682E6FF3D6B2B8A3,
        0x748F82EE5DEFB2FC, 0x78A5636F43172F60, 0x84C87814A1F0AB72, 0x8CC702081A6439EC,
        0x90BEFFFA23631E28, 0xA4506CEBDE82BDE9, 0xBEF9A3F7B2C67915, 0xC67178F2E372532B,
        0xCA273ECEEA26619C, 0xD186B8C721C0C207, 0xEADA7DD6CDE0EB1E, 0xF57D4F7FEE6ED178,
        0x06F067AA72176FBA, 0x0A637DC5A2C898A6, 0x113F9804BEF90DAE, 0x1B710B35131C471B,
        0x28DB77F523047D84, 0x32CAAB7B40C72493, 0x3C9EBE0A15C9BEBC, 0x431D67C49C100D4C,
        0x4CC5D4BECB3E42B6, 0x597F299CFC657E2A, 0x5FCB6FAB3AD6FAEC, 0x6C44198C4A475817,
    ];

    /// <summary>Compresses one block into the chaining value.</summary>
    /// <param name="chain">The chaining value, eight words.</param>
    /// <param name="words">The block as sixteen words; overwritten.</param>
    internal static void Compress(Span<ulong> chain, Span<ulong> words)
    {
        chain = chain[..8];
        words = words[..Words];
        ulong a = chain[0];
        ulong b = chain[1];
        ulong c = chain[2];
        ulong d = chain[3];
        ulong e = chain[4];
        ulong f = chain[5];
        ulong g = chain[6];
        ulong h = chain[7];

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
    private static void Round(ulong a, ulong b, ulong c, ref ulong d, ulong e, ulong f, ulong g, ref ulong h, ulong input)
    {
        h += BigSigma1(e) + (g ^ (e & (f ^ g))) + input;
        d += h;
        h += BigSigma0(a) + ((a & b) | (c & (a | b)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong BigSigma0(ulong x) => BitOperations.RotateRight(x, 28) ^ BitOperations.RotateRight(x, 34) ^ BitOperations.RotateRight(x, 39);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong BigSigma1(ulong x) => BitOperations.RotateRight(x, 14) ^ BitOperations.RotateRight(x, 18) ^ BitOperations.RotateRight(x, 41);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SmallSigma0(ulong x) => BitOperations.RotateRight(x, 1) ^ BitOperations.RotateRight(x, 8) ^ (x >> 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SmallSigma1(ulong x) => BitOperations.RotateRight(x, 19) ^ BitOperations.RotateRight(x, 61) ^ (x >> 6);
}

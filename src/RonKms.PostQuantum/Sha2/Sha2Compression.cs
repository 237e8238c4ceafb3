using System.Runtime.CompilerServices;
using RonKms.PostQuantum.Lanes;

namespace RonKms.PostQuantum.Sha2;

/// <summary>The compression function of SHA-256 and SHA-512: FIPS 180-4, sections 6.2.2 and 6.4.2.</summary>
/// <remarks>
/// The one place where SHA-2 spends its time: one text for both functions, for a single block and for one of each lane. The message
/// schedule is made in place of the block, so that wiping the block wipes it. Constant time: additions, rotations and Boolean functions;
/// no branch or index depends on the data.
/// </remarks>
/// <typeparam name="TVector">A word of each lane.</typeparam>
/// <typeparam name="TLanes">The width.</typeparam>
/// <typeparam name="TWord">The word.</typeparam>
/// <typeparam name="TFunction">The function.</typeparam>
internal static class Sha2Compression<TVector, TLanes, TWord, TFunction>
    where TVector : struct
    where TLanes : ILanes<TVector, TWord>
    where TWord : unmanaged
    where TFunction : ISha2Function<TWord>
{
    private const int Words = 16;

    /// <summary>Compresses one block of each lane into its chaining value.</summary>
    /// <param name="chain">The chaining values, eight words.</param>
    /// <param name="words">The blocks as sixteen words; overwritten.</param>
    internal static void Compress(Span<TVector> chain, Span<TVector> words)
    {
        chain = chain[..8];
        words = words[..Words];
        ReadOnlySpan<TWord> constants = TFunction.RoundConstants;
        TVector a = chain[0];
        TVector b = chain[1];
        TVector c = chain[2];
        TVector d = chain[3];
        TVector e = chain[4];
        TVector f = chain[5];
        TVector g = chain[6];
        TVector h = chain[7];

        for (int t = 0; t < constants.Length; t += Words)
        {
            if (t != 0)
            {
                words[0] = Next(words[0], words[14], words[9], words[1]);
                words[1] = Next(words[1], words[15], words[10], words[2]);
                words[2] = Next(words[2], words[0], words[11], words[3]);
                words[3] = Next(words[3], words[1], words[12], words[4]);
                words[4] = Next(words[4], words[2], words[13], words[5]);
                words[5] = Next(words[5], words[3], words[14], words[6]);
                words[6] = Next(words[6], words[4], words[15], words[7]);
                words[7] = Next(words[7], words[5], words[0], words[8]);
                words[8] = Next(words[8], words[6], words[1], words[9]);
                words[9] = Next(words[9], words[7], words[2], words[10]);
                words[10] = Next(words[10], words[8], words[3], words[11]);
                words[11] = Next(words[11], words[9], words[4], words[12]);
                words[12] = Next(words[12], words[10], words[5], words[13]);
                words[13] = Next(words[13], words[11], words[6], words[14]);
                words[14] = Next(words[14], words[12], words[7], words[15]);
                words[15] = Next(words[15], words[13], words[8], words[0]);
            }

            for (int i = 0; i < Words; i += 8)
            {
                Span<TVector> w = words.Slice(i, 8);
                ReadOnlySpan<TWord> k = constants.Slice(t + i, 8);
                Round(a, b, c, ref d, e, f, g, ref h, TLanes.Add(w[0], TLanes.Broadcast(k[0])));
                Round(h, a, b, ref c, d, e, f, ref g, TLanes.Add(w[1], TLanes.Broadcast(k[1])));
                Round(g, h, a, ref b, c, d, e, ref f, TLanes.Add(w[2], TLanes.Broadcast(k[2])));
                Round(f, g, h, ref a, b, c, d, ref e, TLanes.Add(w[3], TLanes.Broadcast(k[3])));
                Round(e, f, g, ref h, a, b, c, ref d, TLanes.Add(w[4], TLanes.Broadcast(k[4])));
                Round(d, e, f, ref g, h, a, b, ref c, TLanes.Add(w[5], TLanes.Broadcast(k[5])));
                Round(c, d, e, ref f, g, h, a, ref b, TLanes.Add(w[6], TLanes.Broadcast(k[6])));
                Round(b, c, d, ref e, f, g, h, ref a, TLanes.Add(w[7], TLanes.Broadcast(k[7])));
            }
        }

        chain[0] = TLanes.Add(chain[0], a);
        chain[1] = TLanes.Add(chain[1], b);
        chain[2] = TLanes.Add(chain[2], c);
        chain[3] = TLanes.Add(chain[3], d);
        chain[4] = TLanes.Add(chain[4], e);
        chain[5] = TLanes.Add(chain[5], f);
        chain[6] = TLanes.Add(chain[6], g);
        chain[7] = TLanes.Add(chain[7], h);
    }

    // The eight variables stay where they are; what the standard shifts is which of them plays which part.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        TVector a, TVector b, TVector c, ref TVector d, TVector e, TVector f, TVector g, ref TVector h, TVector input)
    {
        TVector t = TLanes.Add(TLanes.Add(h, input), TLanes.Add(TFunction.BigSigma1<TVector, TLanes>(e), TLanes.Choose(e, f, g)));
        d = TLanes.Add(d, t);
        h = TLanes.Add(t, TLanes.Add(TFunction.BigSigma0<TVector, TLanes>(a), TLanes.Majority(a, b, c)));
    }

    // The message schedule: the word sixteen places on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Next(TVector word, TVector w14, TVector w9, TVector w1) =>
        TLanes.Add(
            TLanes.Add(word, w9), TLanes.Add(TFunction.SmallSigma1<TVector, TLanes>(w14), TFunction.SmallSigma0<TVector, TLanes>(w1)));
}

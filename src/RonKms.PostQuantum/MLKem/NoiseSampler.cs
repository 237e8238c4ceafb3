using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLKem;

/// <summary>Secrets and noise from the centred binomial distribution: FIPS 203, section 4.2.2, algorithm 8, over PRF of section 4.1.</summary>
/// <remarks>Constant time: bits are counted by shifts, masks and additions in all lanes of a vector at once. The streams are wiped.</remarks>
internal static class NoiseSampler
{
    private const int LargestStream = 64 * 3;

    /// <summary>Samples the polynomials of a vector.</summary>
    /// <param name="seed">σ or r, 32 bytes.</param>
    /// <param name="nonce">N for the first polynomial; the next ones follow.</param>
    /// <param name="eta">η, 2 or 3.</param>
    /// <param name="vector">Receives coefficients from -η to η.</param>
    internal static void Sample(ReadOnlySpan<byte> seed, int nonce, int eta, Span<short> vector)
    {
        // The loops are methods of their own: one with stackalloc beside a loop is compiled with all optimizations on its first call.
        Span<byte> streams = stackalloc byte[ShakeLanes.MaxCount * LargestStream];
        using ShakeLanes prfs = new(stackalloc ulong[ShakeLanes.StateWords], Shake.Rate256);
        SampleAll(seed, nonce, eta, vector, prfs, streams);
        CryptographicOperations.ZeroMemory(streams);
    }

    // η = 2: a byte gives two coefficients, here the two halves of a word.
    private static void CountTwos(ReadOnlySpan<byte> streams, Span<short> vector)
    {
        Vector256<uint> pairs = Vector256.Create(0x55u);
        Vector256<uint> two = Vector256.Create(3u);
        Vector256<uint> low = Vector256.Create(0xFFFFu);
        Span<Vector256<short>> coefficients = MemoryMarshal.Cast<short, Vector256<short>>(vector);
        for (int i = 0; i < coefficients.Length; i++)
        {
            Vector128<byte> bytes = Vector128.CreateScalar(MemoryMarshal.Read<ulong>(streams[(8 * i)..])).AsByte();
            (Vector128<uint> first, Vector128<uint> second) = Vector128.Widen(Vector128.WidenLower(bytes));
            Vector256<uint> bits = Vector256.Create(first, second);
            Vector256<uint> counts = (bits & pairs) + ((bits >>> 1) & pairs);

            // Steps 3 to 5.
            Vector256<uint> even = (counts & two) - ((counts >>> 2) & two);
            Vector256<uint> odd = ((counts >>> 4) & two) - (counts >>> 6);
            coefficients[i] = ((even & low) | (odd << 16)).AsInt16();
        }
    }

    // η = 3: 24 bits give four coefficients.
    private static void CountThrees(ReadOnlySpan<byte> streams, Span<short> vector)
    {
        for (int i = 0; i < vector.Length; i += 4)
        {
            ReadOnlySpan<byte> three = streams.Slice(i * 3 / 4, 3);
            uint bits = three[0] | ((uint)three[1] << 8) | ((uint)three[2] << 16);
            uint counts = (bits & 0x249249) + ((bits >> 1) & 0x249249) + ((bits >> 2) & 0x249249);
            Span<short> four = vector.Slice(i, 4);
            for (int j = 0; j < four.Length; j++)
            {
                // Steps 3 to 5.
                four[j] = (short)((int)(counts & 7) - (int)((counts >> 3) & 7));
                counts >>= 6;
            }
        }
    }

    private static void SampleAll(ReadOnlySpan<byte> seed, int nonce, int eta, Span<short> vector, ShakeLanes prfs, Span<byte> streams)
    {
        int size = 64 * eta;
        while (!vector.IsEmpty)
        {
            int count = Math.Min(ShakeLanes.Count, vector.Length / Polynomial.Size);
            prfs.Begin(seed, suffixSize: 1);
            for (int lane = 0; lane < count; lane++)
            {
                prfs.SetSuffix(lane, seed.Length, (ushort)nonce++);
            }

            for (int at = 0; at < size; at += Shake.Rate256)
            {
                prfs.Permute();
                for (int lane = 0; lane < count; lane++)
                {
                    prfs.Read(lane, streams.Slice((lane * size) + at, Math.Min(size - at, Shake.Rate256)));
                }
            }

            // Steps 2 to 6.
            if (eta == 2)
            {
                CountTwos(streams, vector[..(count * Polynomial.Size)]);
            }
            else
            {
                CountThrees(streams, vector[..(count * Polynomial.Size)]);
            }

            vector = vector[(count * Polynomial.Size)..];
        }
    }
}

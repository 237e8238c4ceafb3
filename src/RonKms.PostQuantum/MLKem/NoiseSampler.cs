using System.Buffers.Binary;
using System.Security.Cryptography;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLKem;

/// <summary>Secrets and noise from the centred binomial distribution: FIPS 203, section 4.2.2, algorithm 8, over PRF of section 4.1.</summary>
/// <remarks>Constant time: bits are counted by shifts, masks and additions in all lanes of a word at once. The stream is wiped.</remarks>
internal static class NoiseSampler
{
    private const int LargestEta = 3;

    /// <summary>Samples the polynomials of a vector.</summary>
    /// <param name="seed">σ or r, 32 bytes.</param>
    /// <param name="nonce">N for the first polynomial; the next ones follow.</param>
    /// <param name="eta">η, 2 or 3.</param>
    /// <param name="vector">Receives coefficients from -η to η.</param>
    internal static void Sample(ReadOnlySpan<byte> seed, int nonce, int eta, Span<short> vector)
    {
        Span<byte> stream = (stackalloc byte[64 * LargestEta])[..(64 * eta)];
        using Shake prf = Shake.Shake256(stackalloc ulong[Shake.StateLanes]);
        for (; !vector.IsEmpty; vector = vector[Polynomial.Size..])
        {
            prf.Reset();
            prf.Absorb(seed);
            prf.Absorb([(byte)nonce++]);
            prf.Squeeze(stream);
            if (eta == 2)
            {
                CountTwos(stream, vector[..Polynomial.Size]);
            }
            else
            {
                CountThrees(stream, vector[..Polynomial.Size]);
            }
        }

        CryptographicOperations.ZeroMemory(stream);
    }

    // η = 2: 32 bits give eight coefficients.
    private static void CountTwos(ReadOnlySpan<byte> stream, Span<short> polynomial)
    {
        for (int i = 0; i < Polynomial.Size; i += 8)
        {
            uint bits = BinaryPrimitives.ReadUInt32LittleEndian(stream[(i / 2)..]);
            uint counts = (bits & 0x55555555) + ((bits >> 1) & 0x55555555);
            Span<short> eight = polynomial.Slice(i, 8);
            for (int j = 0; j < eight.Length; j++)
            {
                // Steps 3 to 5.
                eight[j] = (short)((int)(counts & 3) - (int)((counts >> 2) & 3));
                counts >>= 4;
            }
        }
    }

    // η = 3: 24 bits give four coefficients.
    private static void CountThrees(ReadOnlySpan<byte> stream, Span<short> polynomial)
    {
        for (int i = 0; i < Polynomial.Size; i += 4)
        {
            ReadOnlySpan<byte> three = stream.Slice(i * 3 / 4, 3);
            uint bits = three[0] | ((uint)three[1] << 8) | ((uint)three[2] << 16);
            uint counts = (bits & 0x249249) + ((bits >> 1) & 0x249249) + ((bits >> 2) & 0x249249);
            Span<short> four = polynomial.Slice(i, 4);
            for (int j = 0; j < four.Length; j++)
            {
                // Steps 3 to 5.
                four[j] = (short)((int)(counts & 7) - (int)((counts >> 3) & 7));
                counts >>= 6;
            }
        }
    }
}

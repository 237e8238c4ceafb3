using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace RonKms.PostQuantum.MLKem;

/// <summary>The transforms of <see cref="Ntt"/> over vectors of sixteen coefficients: FIPS 203, section 4.3, algorithms 9 and 10.</summary>
/// <remarks>
/// A polynomial is a square of sixteen rows of sixteen. Layers of length 16 and more go from row to row. Then the square is transposed, and
/// the layers of length 8 and less go from row to row too, each lane with the power of ζ of the row it came from. Constant time: the order
/// of operations and the powers of ζ are fixed. What a transposition leaves on the stack is wiped.
/// </remarks>
internal static class NttVectors
{
    private const int Rows = 16;

    // ζ of the transposed layers in the order of their use, a vector a block.
    private static readonly short[] s_zetas = ZetasOfColumns(isInverse: false);
    private static readonly short[] s_inverseZetas = ZetasOfColumns(isInverse: true);

    /// <summary>Algorithm 9.</summary>
    /// <param name="polynomial">Coefficients from -q to q; receives representatives nearest to zero.</param>
    [SkipLocalsInit]
    internal static void Transform(Span<short> polynomial)
    {
        Span<Vector256<short>> f = MemoryMarshal.Cast<short, Vector256<short>>(polynomial)[..Rows];
        int i = 1;
        for (int length = Rows / 2; length >= 1; length >>= 1)
        {
            for (int start = 0; start < Rows; start += 2 * length)
            {
                Butterflies(f.Slice(start, 2 * length), Vector256.Create(Ntt.Zetas[i++]));
            }
        }

        Transpose(f);
        ReadOnlySpan<Vector256<short>> zetas = MemoryMarshal.Cast<short, Vector256<short>>(s_zetas);
        i = 0;
        for (int length = Rows / 2; length >= 2; length >>= 1)
        {
            for (int start = 0; start < Rows; start += 2 * length)
            {
                Butterflies(f.Slice(start, 2 * length), zetas[i++]);
            }
        }

        foreach (ref Vector256<short> row in f)
        {
            row = Reduction.Barrett(row);
        }

        Transpose(f);
    }

    /// <summary>Algorithm 10, times 2^16.</summary>
    /// <param name="polynomial">Coefficients strictly between -q and q; receives such.</param>
    [SkipLocalsInit]
    internal static void InverseTransform(Span<short> polynomial)
    {
        Span<Vector256<short>> f = MemoryMarshal.Cast<short, Vector256<short>>(polynomial)[..Rows];
        Transpose(f);
        ReadOnlySpan<Vector256<short>> zetas = MemoryMarshal.Cast<short, Vector256<short>>(s_inverseZetas);
        int i = 0;
        for (int length = 2; length < Rows; length <<= 1)
        {
            for (int start = 0; start < Rows; start += 2 * length)
            {
                InverseButterflies(f.Slice(start, 2 * length), zetas[i++]);
            }
        }

        // As often as the portable form: after the layers of length 8 and 64.
        foreach (ref Vector256<short> row in f)
        {
            row = Reduction.Barrett(row);
        }

        Transpose(f);
        i = Rows;
        for (int length = 1; length < Rows; length <<= 1)
        {
            for (int start = 0; start < Rows; start += 2 * length)
            {
                InverseButterflies(f.Slice(start, 2 * length), Vector256.Create(Ntt.Zetas[--i]));
            }

            if (length == 4)
            {
                foreach (ref Vector256<short> row in f)
                {
                    row = Reduction.Barrett(row);
                }
            }
        }

        foreach (ref Vector256<short> row in f)
        {
            row = Reduction.Multiply(row, Vector256.Create(Ntt.InverseScale));
        }
    }

    // Steps 7 to 11 of algorithm 9 for a block.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Butterflies(Span<Vector256<short>> block, Vector256<short> zeta)
    {
        Span<Vector256<short>> low = block[..(block.Length / 2)];
        Span<Vector256<short>> high = block.Slice(low.Length, low.Length);
        for (int j = 0; j < low.Length; j++)
        {
            Vector256<short> t = Reduction.Multiply(high[j], zeta);
            high[j] = low[j] - t;
            low[j] += t;
        }
    }

    // Steps 7 to 11 of algorithm 10 for a block.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InverseButterflies(Span<Vector256<short>> block, Vector256<short> zeta)
    {
        Span<Vector256<short>> low = block[..(block.Length / 2)];
        Span<Vector256<short>> high = block.Slice(low.Length, low.Length);
        for (int j = 0; j < low.Length; j++)
        {
            Vector256<short> t = low[j];
            low[j] = t + high[j];
            high[j] = Reduction.Multiply(high[j] - t, zeta);
        }
    }

    // Four rounds of a perfect shuffle of rows i and i + 8: each moves a bit of the row's number into the lane's.
    [SkipLocalsInit]
    private static void Transpose(Span<Vector256<short>> rows)
    {
        Span<Vector256<short>> other = stackalloc Vector256<short>[Rows];
        Shuffle(rows, other);
        Shuffle(other, rows);
        Shuffle(rows, other);
        Shuffle(other, rows);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(other));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shuffle(ReadOnlySpan<Vector256<short>> source, Span<Vector256<short>> destination)
    {
        source = source[..Rows];
        destination = destination[..Rows];
        for (int i = 0; i < Rows / 2; i++)
        {
            (destination[2 * i], destination[(2 * i) + 1]) = Interleave(source[i], source[i + (Rows / 2)]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<short> First, Vector256<short> Second) Interleave(Vector256<short> a, Vector256<short> b)
    {
        Vector256<short> low = Avx2.UnpackLow(a, b);
        Vector256<short> high = Avx2.UnpackHigh(a, b);
        return (Avx2.Permute2x128(low, high, 0x20), Avx2.Permute2x128(low, high, 0x31));
    }

    private static short[] ZetasOfColumns(bool isInverse)
    {
        short[] zetas = new short[7 * Rows];
        int next = 0;
        for (int layer = 1; layer <= 4; layer *= 2)
        {
            // A layer has so many blocks a row, and sixteen times as many in all.
            int blocks = isInverse ? 4 / layer : layer;
            int all = Rows * blocks;
            for (int block = 0; block < blocks; block++)
            {
                for (int row = 0; row < Rows; row++)
                {
                    int i = (row * blocks) + block;
                    zetas[next++] = Ntt.Zetas[isInverse ? (2 * all) - 1 - i : all + i];
                }
            }
        }

        return zetas;
    }
}

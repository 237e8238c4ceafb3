using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The transforms at one width: FIPS 204, algorithms 41, 42 and 48.</summary>
/// <remarks>
/// Layers whose length is a vector or more go from vector to vector. For the shorter ones, squares of as many vectors as a vector has
/// lanes are transposed, and they too go from vector to vector, each lane with the power of ζ of the vector it came from. Constant time:
/// loops and indices depend on nothing but sizes. What a transposition leaves on the stack is wiped.
/// </remarks>
/// <typeparam name="TVector">The coefficients of a vector.</typeparam>
/// <typeparam name="TLanes">The width.</typeparam>
internal static class NttKernel<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : IResidueLanes<TVector>
{
    // ζ of the short layers in the order of their use, a vector for each block of the square.
    private static readonly int[] s_zetas = ZetasOfSquares(isInverse: false);
    private static readonly int[] s_inverseZetas = ZetasOfSquares(isInverse: true);

    private static int Width => Unsafe.SizeOf<TVector>() / sizeof(int);

    /// <summary>Algorithm 41.</summary>
    /// <param name="polynomial">Takes coefficients below 2q, gives below 10q, in absolute value.</param>
    internal static void Forward(Span<int> polynomial)
    {
        Span<TVector> f = Vectors(polynomial);
        ReadOnlySpan<int> zetas = Ntt.Zetas;
        int m = 0;
        for (int length = f.Length / 2; length >= 1; length >>= 1)
        {
            for (int start = 0; start < f.Length; start += 2 * length)
            {
                Butterflies(f.Slice(start, 2 * length), TLanes.Broadcast(zetas[++m]));
            }
        }

        if (Width > 1)
        {
            ReadOnlySpan<TVector> vectors = MemoryMarshal.Cast<int, TVector>(s_zetas);
            m = 0;
            for (int square = 0; square < f.Length; square += Width)
            {
                Span<TVector> rows = f.Slice(square, Width);
                Transpose(rows);
                for (int length = Width / 2; length >= 1; length >>= 1)
                {
                    for (int start = 0; start < Width; start += 2 * length)
                    {
                        Butterflies(rows.Slice(start, 2 * length), vectors[m++]);
                    }
                }

                Transpose(rows);
            }
        }
    }

    /// <summary>Algorithm 42.</summary>
    /// <param name="polynomial">Takes coefficients below q, gives below q, in absolute value.</param>
    /// <param name="scale">What comes at the end, times 2^32.</param>
    internal static void Inverse(Span<int> polynomial, int scale)
    {
        // Sums double in each of eight layers: 256·(q − 1) still fits in 31 bits.
        Span<TVector> f = Vectors(polynomial);
        ReadOnlySpan<int> zetas = Ntt.Zetas;
        if (Width > 1)
        {
            ReadOnlySpan<TVector> vectors = MemoryMarshal.Cast<int, TVector>(s_inverseZetas);
            int next = 0;
            for (int square = 0; square < f.Length; square += Width)
            {
                Span<TVector> rows = f.Slice(square, Width);
                Transpose(rows);
                for (int length = 1; length < Width; length <<= 1)
                {
                    for (int start = 0; start < Width; start += 2 * length)
                    {
                        InverseButterflies(rows.Slice(start, 2 * length), vectors[next++]);
                    }
                }

                Transpose(rows);
            }
        }

        int m = f.Length;
        for (int length = 1; length < f.Length; length <<= 1)
        {
            for (int start = 0; start < f.Length; start += 2 * length)
            {
                InverseButterflies(f.Slice(start, 2 * length), TLanes.Broadcast(-zetas[--m]));
            }
        }

        TVector last = TLanes.Broadcast(scale);
        for (int j = 0; j < f.Length; j++)
        {
            f[j] = TLanes.Multiply(f[j], last);
        }
    }

    /// <summary>A line of algorithm 48.</summary>
    /// <param name="row">The row.</param>
    /// <param name="vector">The vector.</param>
    /// <param name="product">Receives the product.</param>
    internal static void InnerProduct(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, Span<int> product)
    {
        Span<TVector> p = Vectors(product);
        ReadOnlySpan<TVector> a = MemoryMarshal.Cast<int, TVector>(row);
        ReadOnlySpan<TVector> b = MemoryMarshal.Cast<int, TVector>(vector)[..a.Length];
        for (int j = 0; j < p.Length; j++)
        {
            p[j] = TLanes.InnerProduct(a[j..], b[j..], p.Length);
        }
    }

    private static Span<TVector> Vectors(Span<int> polynomial) => MemoryMarshal.Cast<int, TVector>(polynomial[..N]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Butterflies(Span<TVector> block, TVector zeta)
    {
        Span<TVector> low = block[..(block.Length / 2)];
        Span<TVector> high = block.Slice(low.Length, low.Length);
        for (int j = 0; j < low.Length; j++)
        {
            TVector t = TLanes.Multiply(high[j], zeta);
            high[j] = TLanes.Subtract(low[j], t);
            low[j] = TLanes.Add(low[j], t);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InverseButterflies(Span<TVector> block, TVector zeta)
    {
        Span<TVector> low = block[..(block.Length / 2)];
        Span<TVector> high = block.Slice(low.Length, low.Length);
        for (int j = 0; j < low.Length; j++)
        {
            TVector t = low[j];
            low[j] = TLanes.Add(t, high[j]);
            high[j] = TLanes.Multiply(TLanes.Subtract(t, high[j]), zeta);
        }
    }

    // Rounds of a perfect shuffle: each moves a bit of the row's number into the lane's. Rows go by twos from the halves to their places.
    private static void Transpose(Span<TVector> rows)
    {
        Span<TVector> source = stackalloc TVector[Width];
        for (int round = 1; round < Width; round <<= 1)
        {
            rows.CopyTo(source);
            for (int i = 0; i < Width / 2; i++)
            {
                TLanes.Interleave(ref source[i], ref source[i + (Width / 2)]);
                rows[2 * i] = source[i];
                rows[(2 * i) + 1] = source[i + (Width / 2)];
            }
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(source));
    }

    private static int[] ZetasOfSquares(bool isInverse)
    {
        int[] zetas = new int[N / Width * (Width - 1)];
        int next = 0;
        for (int square = 0; square < N; square += Width * Width)
        {
            for (int layer = 1; layer < Width; layer <<= 1)
            {
                // A layer has this many blocks a vector.
                int blocks = isInverse ? Width / (2 * layer) : layer;
                int all = N / Width * blocks;
                for (int block = 0; block < blocks; block++)
                {
                    for (int lane = 0; lane < Width; lane++)
                    {
                        int at = (((square / Width) + lane) * blocks) + block;
                        zetas[next++] = isInverse ? -Ntt.Zetas[(2 * all) - 1 - at] : Ntt.Zetas[all + at];
                    }
                }
            }
        }

        return zetas;
    }
}

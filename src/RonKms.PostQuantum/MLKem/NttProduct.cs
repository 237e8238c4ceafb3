using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace RonKms.PostQuantum.MLKem;

/// <summary>Products in the transformed domain: FIPS 203, section 4.3.1, algorithms 11 and 12.</summary>
/// <remarks>
/// The products of an inner product are summed in 32 bits and reduced once; that leaves a factor 2^-16, which
/// <see cref="Ntt.InverseTransform"/> and <see cref="ToStandard"/> take off. Constant time: the order of operations is fixed.
/// </remarks>
internal static class NttProduct
{
    // 2^32 modulo q.
    private const short SquaredRadix = 1353;

    /// <summary>The inner product of two vectors, times 2^-16.</summary>
    /// <param name="a">A vector of at most four polynomials: coefficients strictly between -q and q.</param>
    /// <param name="aStep">From one polynomial of <paramref name="a"/> to the next, in polynomials: more than 1 for a matrix's column.</param>
    /// <param name="b">A vector: coefficients strictly between -q and q.</param>
    /// <param name="product">Receives one polynomial: coefficients strictly between -q and q.</param>
    internal static void Inner(ReadOnlySpan<short> a, int aStep, ReadOnlySpan<short> b, Span<short> product)
    {
        if (Avx2.IsSupported)
        {
            InnerVectors(a, aStep, b, product);
        }
        else
        {
            InnerPortable(a, aStep, b, product);
        }
    }

    /// <summary>The product of a matrix and a vector, times 2^-16.</summary>
    /// <param name="matrix">The matrix, row by row: coefficients strictly between -q and q.</param>
    /// <param name="vector">The vector: coefficients strictly between -q and q.</param>
    /// <param name="product">Receives a vector: coefficients strictly between -q and q.</param>
    internal static void OfMatrix(ReadOnlySpan<short> matrix, ReadOnlySpan<short> vector, Span<short> product)
    {
        for (int i = 0; i * Polynomial.Size < product.Length; i++)
        {
            Inner(matrix[(i * vector.Length)..], 1, vector, Polynomial.At(product, i));
        }
    }

    /// <summary>Takes the factor 2^-16 of products off.</summary>
    /// <param name="polynomial">The products; their coefficients stay strictly between -q and q.</param>
    internal static void ToStandard(Span<short> polynomial)
    {
        foreach (ref Vector256<short> sixteen in MemoryMarshal.Cast<short, Vector256<short>>(polynomial))
        {
            sixteen = Reduction.Multiply(sixteen, Vector256.Create(SquaredRadix));
        }
    }

    /// <summary><see cref="Inner"/>, one coefficient at a time.</summary>
    /// <inheritdoc cref="Inner" path="/param"/>
    internal static void InnerPortable(ReadOnlySpan<short> a, int aStep, ReadOnlySpan<short> b, Span<short> product)
    {
        // Each sum has at most eight terms below q² : 8q² < 2^15 q.
        Span<int> sums = stackalloc int[Polynomial.Size];
        sums.Clear();
        for (int i = 0; i * Polynomial.Size < b.Length; i++)
        {
            Accumulate(Polynomial.At(a, i * aStep), Polynomial.At(b, i), sums);
        }

        for (int i = 0; i < product.Length; i++)
        {
            product[i] = Reduction.Montgomery(sums[i]);
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(sums));
    }

    private static void Accumulate(ReadOnlySpan<short> a, ReadOnlySpan<short> b, Span<int> sums)
    {
        a = a[..Polynomial.Size];
        b = b[..Polynomial.Size];
        sums = sums[..Polynomial.Size];
        ReadOnlySpan<short> zetas = Ntt.Zetas[64..];
        for (int i = 0; i < zetas.Length; i++)
        {
            // Algorithm 12 twice: γ of the second pair is the negative of the first's.
            int j = 4 * i;
            short a0 = a[j], a1 = a[j + 1], a2 = a[j + 2], a3 = a[j + 3];
            short b0 = b[j], b1 = b[j + 1], b2 = b[j + 2], b3 = b[j + 3];
            int gamma = zetas[i];
            sums[j] += (a0 * b0) + (a1 * Reduction.Multiply(b1, (short)gamma));
            sums[j + 1] += (a0 * b1) + (a1 * b0);
            sums[j + 2] += (a2 * b2) - (a3 * Reduction.Multiply(b3, (short)gamma));
            sums[j + 3] += (a2 * b3) + (a3 * b2);
        }
    }

    // The same sums: the even ones of (a0, a1) and (b0, b1·γ), the odd ones of (a0, a1) and (b1, b0).
    private static void InnerVectors(ReadOnlySpan<short> a, int aStep, ReadOnlySpan<short> b, Span<short> product)
    {
        ReadOnlySpan<Vector256<short>> left = MemoryMarshal.Cast<short, Vector256<short>>(a);
        ReadOnlySpan<Vector256<short>> right = MemoryMarshal.Cast<short, Vector256<short>>(b);
        Span<Vector256<short>> result = MemoryMarshal.Cast<short, Vector256<short>>(product);
        Vector256<short> evenWords = Vector256.Create(0x0000FFFF).AsInt16();
        Vector256<short> everyFourth = Vector256.Create(0xFFFF_0000_0000_0000).AsInt16();
        for (int j = 0; j < result.Length; j++)
        {
            // Each γ for four words, of which the second takes it and the fourth its negative.
            Vector256<short> gamma = Vector256.Shuffle(
                Vector256.Create(MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(Ntt.Zetas[(64 + (4 * j))..]))).AsInt16(),
                Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1, 10, 10, 10, 10, 11, 11, 11, 11));
            gamma = (gamma ^ everyFourth) - everyFourth;
            Vector256<int> even = Vector256<int>.Zero;
            Vector256<int> odd = Vector256<int>.Zero;
            for (int i = j, at = j; at < right.Length; i += aStep * result.Length, at += result.Length)
            {
                Vector256<short> x = left[i];
                Vector256<short> y = right[at];
                Vector256<short> scaled = Vector256.ConditionalSelect(evenWords, y, Reduction.Multiply(y, gamma));
                Vector256<int> swapped = (y.AsInt32() << 16) | (y.AsInt32() >>> 16);
                even += Avx2.MultiplyAddAdjacent(x, scaled);
                odd += Avx2.MultiplyAddAdjacent(x, swapped.AsInt16());
            }

            result[j] = Reduction.Montgomery(even, odd);
        }
    }
}

using System.Runtime.InteropServices;
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

    /// <summary>Takes the factor 2^-16 of a product off.</summary>
    /// <param name="polynomial">The product; its coefficients stay strictly between -q and q.</param>
    internal static void ToStandard(Span<short> polynomial)
    {
        for (int i = 0; i < polynomial.Length; i++)
        {
            polynomial[i] = Reduction.Multiply(polynomial[i], SquaredRadix);
        }
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
            sums[j] += (a0 * b0) + (Reduction.Montgomery(a1 * b1) * gamma);
            sums[j + 1] += (a0 * b1) + (a1 * b0);
            sums[j + 2] += (a2 * b2) - (Reduction.Montgomery(a3 * b3) * gamma);
            sums[j + 3] += (a2 * b3) + (a3 * b2);
        }
    }
}

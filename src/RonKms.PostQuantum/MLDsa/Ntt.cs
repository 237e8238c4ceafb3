using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The number-theoretic transform and multiplication in its domain: FIPS 204, algorithms 41 and 42, sections 7.5 and 7.6.</summary>
/// <remarks>
/// Coefficients are signed and reduced late: each member says what it takes and gives. Products come without their factor of
/// 2^32, as Montgomery's reduction leaves them, and <see cref="InverseOfProduct"/> puts it back.
/// The work is <see cref="NttKernel{TVector, TLanes}"/>, at the greatest width that the processor has; every width gives the same integers.
/// Constant time: additions, multiplications and shifts of 32- and 64-bit integers; loops and indices depend on nothing but sizes.
/// </remarks>
internal static class Ntt
{
    // 2^32 / 256 and 2^64 / 256, mod q: the end of the inverse transform, times 2^32 for the reduction that follows.
    private const int InverseScale = 16382;
    private const int InverseOfProductScale = 41978;

    // ζ = 1753 to the power of i's eight bits reversed, times 2^32, mod± q (section 7.5, appendix B).
    private static readonly int[] s_zetas = MakeZetas();

    /// <summary>The powers of ζ, in the order of the standard.</summary>
    internal static ReadOnlySpan<int> Zetas => s_zetas;

    /// <summary>Transforms a polynomial in place: algorithm 41.</summary>
    /// <param name="polynomial">Takes coefficients below 2q, gives below 10q, in absolute value.</param>
    internal static void Forward(Span<int> polynomial)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            NttKernel<Vector512<int>, Residues512>.Forward(polynomial);
        }
        else if (Avx2.IsSupported)
        {
            NttKernel<Vector256<int>, Residues256>.Forward(polynomial);
        }
        else
        {
            NttKernel<int, Residue>.Forward(polynomial);
        }
    }

    /// <summary>Transforms a vector in place, and reduces.</summary>
    /// <param name="vector">Takes coefficients below 2q in absolute value, gives 0 to q − 1.</param>
    internal static void Forward(PolynomialVector vector)
    {
        for (int i = 0; i < vector.Length; i++)
        {
            Forward(vector[i]);
        }

        Polynomial.Reduce(vector.Coefficients);
    }

    /// <summary>Undoes the transform: algorithm 42.</summary>
    /// <param name="polynomial">Takes coefficients below q, gives below q, in absolute value.</param>
    internal static void Inverse(Span<int> polynomial) => Inverse(polynomial, InverseScale);

    /// <summary>Undoes the transform for a product, and puts the product's factor of 2^32 back.</summary>
    /// <param name="polynomial">Takes coefficients below q, gives below q, in absolute value.</param>
    internal static void InverseOfProduct(Span<int> polynomial) => Inverse(polynomial, InverseOfProductScale);

    /// <summary>Multiplies two transformed polynomials: algorithm 45.</summary>
    /// <param name="left">Coefficients below 10q in absolute value.</param>
    /// <param name="right">The same.</param>
    /// <param name="product">Receives coefficients below q in absolute value, without their factor of 2^32.</param>
    internal static void Multiply(ReadOnlySpan<int> left, ReadOnlySpan<int> right, Span<int> product) =>
        InnerProduct(left[..N], right[..N], product);

    /// <summary>Multiplies a row of a transformed matrix and a transformed vector: a line of algorithm 48.</summary>
    /// <param name="row">The row, at most 8 polynomials, coefficients from 0 to q − 1; of a single one, below 10q in absolute value.</param>
    /// <param name="vector">As many polynomials, coefficients below 10q in absolute value.</param>
    /// <param name="product">Receives coefficients below q in absolute value, without their factor of 2^32.</param>
    internal static void InnerProduct(ReadOnlySpan<int> row, ReadOnlySpan<int> vector, Span<int> product)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            NttKernel<Vector512<int>, Residues512>.InnerProduct(row, vector, product);
        }
        else if (Avx2.IsSupported)
        {
            NttKernel<Vector256<int>, Residues256>.InnerProduct(row, vector, product);
        }
        else
        {
            NttKernel<int, Residue>.InnerProduct(row, vector, product);
        }
    }

    private static void Inverse(Span<int> polynomial, int scale)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            NttKernel<Vector512<int>, Residues512>.Inverse(polynomial, scale);
        }
        else if (Avx2.IsSupported)
        {
            NttKernel<Vector256<int>, Residues256>.Inverse(polynomial, scale);
        }
        else
        {
            NttKernel<int, Residue>.Inverse(polynomial, scale);
        }
    }

    private static int[] MakeZetas()
    {
        const int Zeta = 1753;
        int[] zetas = new int[N];
        long power = (1L << 32) % Q;
        for (int exponent = 0; exponent < N; exponent++)
        {
            int reversed = 0;
            for (int bit = 0; bit < 8; bit++)
            {
                reversed |= ((exponent >> bit) & 1) << (7 - bit);
            }

            zetas[reversed] = (int)(power > Q / 2 ? power - Q : power);
            power = power * Zeta % Q;
        }

        return zetas;
    }
}

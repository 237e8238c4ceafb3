using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>Arithmetic over a polynomial's coefficients, outside the transform's domain; whole polynomials.</summary>
/// <remarks>Constant time: additions, shifts and masks; no branch or index depends on a coefficient.</remarks>
internal static class Polynomial
{
    /// <summary>The absolute values.</summary>
    /// <param name="value">Any values but the least integer.</param>
    /// <returns>|value|.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Absolute(Vector256<int> value)
    {
        Vector256<int> sign = value >> 31;
        return (value ^ sign) - sign;
    }

    /// <summary>Adds a polynomial and reduces.</summary>
    /// <param name="sum">One term, below 2^30 in absolute value; receives coefficients from 0 to q − 1.</param>
    /// <param name="term">The other term, below 2^30 in absolute value.</param>
    internal static void Add(Span<int> sum, ReadOnlySpan<int> term)
    {
        Span<Vector256<int>> sums = Vectors(sum);
        ReadOnlySpan<Vector256<int>> terms = Vectors(term)[..sums.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = Reduce(sums[i] + terms[i]);
        }
    }

    /// <summary>Subtracts a polynomial and reduces.</summary>
    /// <param name="difference">What is subtracted from, below 2^30 in absolute value; receives coefficients from 0 to q − 1.</param>
    /// <param name="term">What is subtracted, below 2^30 in absolute value.</param>
    internal static void Subtract(Span<int> difference, ReadOnlySpan<int> term)
    {
        Span<Vector256<int>> differences = Vectors(difference);
        ReadOnlySpan<Vector256<int>> terms = Vectors(term)[..differences.Length];
        for (int i = 0; i < differences.Length; i++)
        {
            differences[i] = Reduce(differences[i] - terms[i]);
        }
    }

    /// <summary>Multiplies by a power of two.</summary>
    /// <param name="polynomial">Coefficients that stay below 2^31.</param>
    /// <param name="bits">The power.</param>
    internal static void ShiftLeft(Span<int> polynomial, int bits)
    {
        foreach (ref Vector256<int> eight in Vectors(polynomial))
        {
            eight <<= bits;
        }
    }

    /// <summary>Brings coefficients into their range.</summary>
    /// <param name="polynomial">Coefficients below 2^31 − 2^22 in absolute value; receives 0 to q − 1.</param>
    internal static void Reduce(Span<int> polynomial)
    {
        foreach (ref Vector256<int> eight in Vectors(polynomial))
        {
            eight = Reduce(eight);
        }
    }

    /// <summary>Brings coefficients around zero: mod± q.</summary>
    /// <param name="polynomial">Coefficients from 0 to q − 1; receives −(q − 1)/2 to (q − 1)/2.</param>
    internal static void Center(Span<int> polynomial)
    {
        foreach (ref Vector256<int> eight in Vectors(polynomial))
        {
            eight -= ((Vector256.Create((Q - 1) / 2) - eight) >> 31) & Vector256.Create(Q);
        }
    }

    /// <summary>Whether a coefficient reaches a bound in absolute value.</summary>
    /// <param name="polynomial">Coefficients around zero.</param>
    /// <param name="bound">The bound.</param>
    /// <returns>‖polynomial‖∞ ≥ bound; nothing shows which coefficient it was, or its sign.</returns>
    internal static bool Reaches(ReadOnlySpan<int> polynomial, int bound)
    {
        Vector256<int> reached = Vector256<int>.Zero;
        foreach (Vector256<int> eight in Vectors(polynomial))
        {
            reached |= Vector256.Create(bound - 1) - Absolute(eight);
        }

        return reached.ExtractMostSignificantBits() != 0;
    }

    // q is 2^23 − 2^13 + 1: the quotient by 2^23, rounded, is off by less than one for the range taken.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Reduce(Vector256<int> value)
    {
        Vector256<int> reduced = value - (((value + Vector256.Create(1 << 22)) >> 23) * Vector256.Create(Q));
        return reduced + ((reduced >> 31) & Vector256.Create(Q));
    }

    private static Span<Vector256<int>> Vectors(Span<int> polynomial) => MemoryMarshal.Cast<int, Vector256<int>>(polynomial);

    private static ReadOnlySpan<Vector256<int>> Vectors(ReadOnlySpan<int> polynomial) => MemoryMarshal.Cast<int, Vector256<int>>(polynomial);
}

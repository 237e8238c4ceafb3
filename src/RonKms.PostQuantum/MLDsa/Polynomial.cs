using System.Runtime.CompilerServices;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>Arithmetic over a polynomial's coefficients, outside the transform's domain.</summary>
/// <remarks>Constant time: additions, shifts and masks; no branch or index depends on a coefficient.</remarks>
internal static class Polynomial
{
    /// <summary>The absolute value.</summary>
    /// <param name="value">Any value but the least integer.</param>
    /// <returns>|value|.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Absolute(int value)
    {
        int sign = value >> 31;
        return (value ^ sign) - sign;
    }

    /// <summary>Adds a polynomial and reduces.</summary>
    /// <param name="sum">One term, below 2^30 in absolute value; receives coefficients from 0 to q − 1.</param>
    /// <param name="term">The other term, below 2^30 in absolute value.</param>
    internal static void Add(Span<int> sum, ReadOnlySpan<int> term)
    {
        term = term[..sum.Length];
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] = Reduce(sum[i] + term[i]);
        }
    }

    /// <summary>Subtracts a polynomial and reduces.</summary>
    /// <param name="difference">What is subtracted from, below 2^30 in absolute value; receives coefficients from 0 to q − 1.</param>
    /// <param name="term">What is subtracted, below 2^30 in absolute value.</param>
    internal static void Subtract(Span<int> difference, ReadOnlySpan<int> term)
    {
        term = term[..difference.Length];
        for (int i = 0; i < difference.Length; i++)
        {
            difference[i] = Reduce(difference[i] - term[i]);
        }
    }

    /// <summary>Multiplies by a power of two.</summary>
    /// <param name="polynomial">Coefficients that stay below 2^31.</param>
    /// <param name="bits">The power.</param>
    internal static void ShiftLeft(Span<int> polynomial, int bits)
    {
        for (int i = 0; i < polynomial.Length; i++)
        {
            polynomial[i] <<= bits;
        }
    }

    /// <summary>Brings coefficients into their range.</summary>
    /// <param name="polynomial">Coefficients below 2^31 − 2^22 in absolute value; receives 0 to q − 1.</param>
    internal static void Reduce(Span<int> polynomial)
    {
        for (int i = 0; i < polynomial.Length; i++)
        {
            polynomial[i] = Reduce(polynomial[i]);
        }
    }

    /// <summary>Brings coefficients around zero: mod± q.</summary>
    /// <param name="polynomial">Coefficients from 0 to q − 1; receives −(q − 1)/2 to (q − 1)/2.</param>
    internal static void Center(Span<int> polynomial)
    {
        for (int i = 0; i < polynomial.Length; i++)
        {
            polynomial[i] -= (((Q - 1) / 2) - polynomial[i]) >> 31 & Q;
        }
    }

    /// <summary>Whether a coefficient reaches a bound in absolute value.</summary>
    /// <param name="polynomial">Coefficients around zero.</param>
    /// <param name="bound">The bound.</param>
    /// <returns>‖polynomial‖∞ ≥ bound; nothing shows which coefficient it was, or its sign.</returns>
    internal static bool Reaches(ReadOnlySpan<int> polynomial, int bound)
    {
        int reached = 0;
        foreach (int coefficient in polynomial)
        {
            reached |= bound - 1 - Absolute(coefficient);
        }

        return reached < 0;
    }

    // q is 2^23 − 2^13 + 1: the quotient by 2^23, rounded, is off by less than one for the range taken.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Reduce(int value)
    {
        int reduced = value - (((value + (1 << 22)) >> 23) * Q);
        return reduced + (reduced >> 31 & Q);
    }
}

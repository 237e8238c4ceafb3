using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RonKms.PostQuantum.MLKem;

/// <summary>Polynomials of degree below 256 over the integers modulo q = 3329: FIPS 203, section 2.4.</summary>
/// <remarks>
/// 256 signed 16-bit coefficients, of which only the class modulo q counts; vectors and matrices are polynomials one after the other.
/// Each operation says which bounds it needs. Constant time: additions over a fixed number of coefficients.
/// </remarks>
internal static class Polynomial
{
    /// <summary>n, the number of coefficients.</summary>
    internal const int Size = 256;

    /// <summary>One polynomial of a vector.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="index">Which one.</param>
    /// <returns>Its coefficients.</returns>
    internal static Span<short> At(Span<short> vector, int index) => vector.Slice(index * Size, Size);

    /// <inheritdoc cref="At(Span{short}, int)"/>
    internal static ReadOnlySpan<short> At(ReadOnlySpan<short> vector, int index) => vector.Slice(index * Size, Size);

    /// <summary>Adds without reducing; the sums must fit into 16 bits.</summary>
    /// <param name="addend">What to add; as long as <paramref name="sum"/>.</param>
    /// <param name="sum">What it is added to.</param>
    internal static void Add(ReadOnlySpan<short> addend, Span<short> sum)
    {
        Span<Vector256<short>> sums = MemoryMarshal.Cast<short, Vector256<short>>(sum);
        ReadOnlySpan<Vector256<short>> addends = MemoryMarshal.Cast<short, Vector256<short>>(addend)[..sums.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += addends[i];
        }
    }

    /// <summary>Replaces a polynomial by what is left when it is taken from another, without reducing.</summary>
    /// <param name="minuend">What is subtracted from; as long as <paramref name="difference"/>.</param>
    /// <param name="difference">What is subtracted; receives the difference.</param>
    internal static void SubtractFrom(ReadOnlySpan<short> minuend, Span<short> difference)
    {
        Span<Vector256<short>> differences = MemoryMarshal.Cast<short, Vector256<short>>(difference);
        ReadOnlySpan<Vector256<short>> minuends = MemoryMarshal.Cast<short, Vector256<short>>(minuend)[..differences.Length];
        for (int i = 0; i < differences.Length; i++)
        {
            differences[i] = minuends[i] - differences[i];
        }
    }
}

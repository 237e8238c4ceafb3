using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RonKms.PostQuantum.MLKem;

/// <summary>Arithmetic modulo q = 3329, in signed 16-bit words, one by one and sixteen at a time.</summary>
/// <remarks>
/// Both forms give the same words. Constant time: multiplications, shifts and additions; no division and no remainder, and so none that
/// the compiler could leave in.
/// Sources: Montgomery, "Modular multiplication without trial division"; Barrett's reduction. A representative is any word of its class.
/// </remarks>
internal static class Reduction
{
    /// <summary>The modulus.</summary>
    internal const int Q = 3329;

    // q⁻¹ modulo 2^16, as a signed word.
    private const short InverseOfQ = unchecked((short)62209);

    // ⌊2^26 / q + 1/2⌋
    private const int BarrettFactor = 20159;
    private const int BarrettShift = 26;

    /// <summary>Montgomery's reduction.</summary>
    /// <param name="value">Between -2^15 q and 2^15 q.</param>
    /// <returns>value · 2^-16, strictly between -q and q.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static short Montgomery(int value)
    {
        short quotient = (short)(value * InverseOfQ);
        return (short)((value - (quotient * Q)) >> 16);
    }

    /// <summary>Montgomery's reduction of sixteen sums, the even ones of a polynomial and the odd ones apart.</summary>
    /// <param name="even">Sums between -2^15 q and 2^15 q.</param>
    /// <param name="odd">The same.</param>
    /// <returns>Each sum · 2^-16, strictly between -q and q, in order.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<short> Montgomery(Vector256<int> even, Vector256<int> odd)
    {
        // What is subtracted has the sum's lower half, so that the upper halves alone are subtracted.
        Vector256<short> low = Vector256.ConditionalSelect(EvenWords, even.AsInt16(), (odd << 16).AsInt16());
        Vector256<short> high = Vector256.ConditionalSelect(EvenWords, (even >>> 16).AsInt16(), odd.AsInt16());
        return high - MultiplyHigh(low * Vector256.Create(InverseOfQ), Vector256.Create((short)Q));
    }

    /// <summary>Multiplies and takes a factor 2^16 off.</summary>
    /// <param name="a">Any word.</param>
    /// <param name="b">Strictly between -q and q.</param>
    /// <returns>a · b · 2^-16, strictly between -q and q.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static short Multiply(short a, short b) => Montgomery(a * b);

    /// <inheritdoc cref="Multiply(short, short)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<short> Multiply(Vector256<short> a, Vector256<short> b)
    {
        Vector256<short> quotient = a * b * Vector256.Create(InverseOfQ);
        return MultiplyHigh(a, b) - MultiplyHigh(quotient, Vector256.Create((short)Q));
    }

    /// <summary>The representative nearest to zero.</summary>
    /// <param name="value">Any word.</param>
    /// <returns>From -(q - 1)/2 to (q - 1)/2.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static short Barrett(short value)
    {
        int quotient = ((BarrettFactor * value) + (1 << (BarrettShift - 1))) >> BarrettShift;
        return (short)(value - (quotient * Q));
    }

    /// <inheritdoc cref="Barrett(short)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<short> Barrett(Vector256<short> value)
    {
        Vector256<short> rounding = Vector256.Create((short)(1 << (BarrettShift - 17)));
        Vector256<short> quotient = (MultiplyHigh(value, Vector256.Create((short)BarrettFactor)) + rounding) >> (BarrettShift - 16);
        return value - (quotient * Vector256.Create((short)Q));
    }

    /// <summary>The representative that the standard's encodings take.</summary>
    /// <param name="value">Any word.</param>
    /// <returns>From 0 to q - 1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Canonical(short value)
    {
        int nearest = Barrett(value);
        return nearest + ((nearest >> 31) & Q);
    }

    /// <inheritdoc cref="Canonical(short)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<short> Canonical(Vector256<short> value)
    {
        Vector256<short> nearest = Barrett(value);
        return nearest + ((nearest >> 15) & Vector256.Create((short)Q));
    }

    /// <summary>Brings every coefficient to the representative nearest to zero.</summary>
    /// <param name="polynomials">The coefficients.</param>
    internal static void BarrettAll(Span<short> polynomials)
    {
        foreach (ref Vector256<short> sixteen in MemoryMarshal.Cast<short, Vector256<short>>(polynomials))
        {
            sixteen = Barrett(sixteen);
        }
    }

    // All ones in the even words.
    private static Vector256<short> EvenWords => Vector256.Create(0x0000FFFF).AsInt16();

    // The upper halves of products.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> MultiplyHigh(Vector256<short> a, Vector256<short> b)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.MultiplyHigh(a, b);
        }

        (Vector256<int> lowA, Vector256<int> highA) = Vector256.Widen(a);
        (Vector256<int> lowB, Vector256<int> highB) = Vector256.Widen(b);
        return Vector256.Narrow((lowA * lowB) >> 16, (highA * highB) >> 16);
    }
}

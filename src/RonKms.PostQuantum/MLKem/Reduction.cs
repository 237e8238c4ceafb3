using System.Runtime.CompilerServices;

namespace RonKms.PostQuantum.MLKem;

/// <summary>Arithmetic modulo q = 3329, in signed 16-bit words.</summary>
/// <remarks>
/// Constant time: multiplications, shifts and additions; no division and no remainder, and so none that the compiler could leave in.
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

    /// <summary>Multiplies and takes a factor 2^16 off.</summary>
    /// <param name="a">Any word.</param>
    /// <param name="b">Strictly between -q and q.</param>
    /// <returns>a · b · 2^-16, strictly between -q and q.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static short Multiply(short a, short b) => Montgomery(a * b);

    /// <summary>The representative nearest to zero.</summary>
    /// <param name="value">Any word.</param>
    /// <returns>From -(q - 1)/2 to (q - 1)/2.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static short Barrett(short value)
    {
        int quotient = ((BarrettFactor * value) + (1 << (BarrettShift - 1))) >> BarrettShift;
        return (short)(value - (quotient * Q));
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

    /// <summary>Brings every coefficient to the representative nearest to zero.</summary>
    /// <param name="polynomials">The coefficients.</param>
    internal static void BarrettAll(Span<short> polynomials)
    {
        for (int i = 0; i < polynomials.Length; i++)
        {
            polynomials[i] = Barrett(polynomials[i]);
        }
    }
}

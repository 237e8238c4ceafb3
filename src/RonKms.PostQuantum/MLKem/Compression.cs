using System.Runtime.CompilerServices;

namespace RonKms.PostQuantum.MLKem;

/// <summary>Compression to d bits and back: FIPS 203, section 4.2.1, equations 4.7 and 4.8.</summary>
/// <remarks>
/// Constant time: the division by q is a multiplication and a shift, exact for every coefficient and every d below 12, so that no
/// compiler can make a division instruction of it.
/// </remarks>
internal static class Compression
{
    // ⌈2^33 / q⌉
    private const ulong Reciprocal = 2580335;
    private const int ReciprocalShift = 33;

    /// <summary>Compresses one coefficient.</summary>
    /// <param name="value">Any representative.</param>
    /// <param name="d">The bits, 1 to 11.</param>
    /// <returns>⌈2^d / q · value⌋ modulo 2^d.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Compress(short value, int d)
    {
        ulong dividend = ((ulong)Reduction.Canonical(value) << d) + (Reduction.Q / 2);
        return (uint)((dividend * Reciprocal) >> ReciprocalShift) & ((1u << d) - 1);
    }

    /// <summary>Decompresses one coefficient.</summary>
    /// <param name="value">From 0 to 2^d - 1.</param>
    /// <param name="d">The bits, 1 to 11.</param>
    /// <returns>⌈q / 2^d · value⌋, from 0 to q - 1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static short Decompress(uint value, int d) => (short)(((value * Reduction.Q) + (1u << (d - 1))) >> d);
}

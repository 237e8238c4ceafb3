using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RonKms.PostQuantum.MLKem;

/// <summary>Compression to d bits and back: FIPS 203, section 4.2.1, equations 4.7 and 4.8.</summary>
/// <remarks>
/// Constant time: the division by q is a multiplication and a shift, exact for every coefficient and every d below 12, so that no
/// compiler can make a division instruction of it.
/// </remarks>
internal static class Compression
{
    // ⌈2^33 / q⌉
    private const uint Reciprocal = 2580335;
    private const int ReciprocalShift = 33;

    /// <summary>Compresses sixteen coefficients.</summary>
    /// <param name="values">Any representatives.</param>
    /// <param name="d">The bits, 1 to 11.</param>
    /// <returns>⌈2^d / q · value⌋ modulo 2^d.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<ushort> Compress(Vector256<short> values, int d)
    {
        Vector256<uint> words = Reduction.Canonical(values).AsUInt32();
        Vector256<uint> even = Quotient(((words & Vector256.Create(0xFFFFu)) << d) + Vector256.Create((uint)Reduction.Q / 2));
        Vector256<uint> odd = Quotient(((words >>> 16) << d) + Vector256.Create((uint)Reduction.Q / 2));
        return ((even | (odd << 16)).AsUInt16()) & Vector256.Create((ushort)((1u << d) - 1));
    }

    /// <summary>Decompresses sixteen coefficients.</summary>
    /// <param name="values">From 0 to 2^d - 1.</param>
    /// <param name="d">The bits, 1 to 11.</param>
    /// <returns>⌈q / 2^d · value⌋, from 0 to q - 1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<short> Decompress(Vector256<ushort> values, int d)
    {
        Vector256<uint> words = values.AsUInt32();
        Vector256<uint> half = Vector256.Create(1u << (d - 1));
        Vector256<uint> even = (((words & Vector256.Create(0xFFFFu)) * Reduction.Q) + half) >>> d;
        Vector256<uint> odd = (((words >>> 16) * Reduction.Q) + half) >>> d;
        return (even | (odd << 16)).AsInt16();
    }

    // ⌊dividend / q⌋, below 2^12.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Quotient(Vector256<uint> dividends)
    {
        Vector256<ulong> even = Product(dividends) >>> ReciprocalShift;
        Vector256<ulong> odd = Product((dividends.AsUInt64() >>> 32).AsUInt32()) >>> ReciprocalShift;
        return (even | (odd << 32)).AsUInt32();
    }

    // Of the even words.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Product(Vector256<uint> dividends) =>
        Avx2.IsSupported
            ? Avx2.Multiply(dividends, Vector256.Create(Reciprocal))
            : (dividends.AsUInt64() & Vector256.Create((ulong)uint.MaxValue)) * Reciprocal;
}

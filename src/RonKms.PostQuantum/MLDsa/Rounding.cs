using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>High-order and low-order bits, and hints: FIPS 204, section 7.4, algorithms 35 to 40.</summary>
/// <remarks>
/// Constant time: what signing uses is additions, multiplications, shifts and masks. Decompose divides by 2γ2 through a
/// multiplication and a shift, exact for all of 0 to q − 1; hints come out of comparisons made of arithmetic. Which of the two γ2
/// a set has is public. UseHint branches: it is for verification, where nothing is secret.
/// </remarks>
internal static class Rounding
{
    /// <summary>Algorithm 35, Power2Round, of a polynomial.</summary>
    /// <param name="r">Takes coefficients from 0 to q − 1; receives r0, from −2^12 + 1 to 2^12.</param>
    /// <param name="r1">Receives r1, below 2^10.</param>
    internal static void Power2Round(Span<int> r, Span<int> r1)
    {
        Span<Vector256<int>> low = MemoryMarshal.Cast<int, Vector256<int>>(r);
        Span<Vector256<int>> high = MemoryMarshal.Cast<int, Vector256<int>>(r1)[..low.Length];
        for (int i = 0; i < low.Length; i++)
        {
            high[i] = (low[i] + Vector256.Create((1 << (D - 1)) - 1)) >> D;
            low[i] -= high[i] << D;
        }
    }

    /// <summary>Algorithm 36, Decompose.</summary>
    /// <param name="gamma2">γ2.</param>
    /// <param name="r">From 0 to q − 1.</param>
    /// <param name="r0">Receives the low-order bits, from −γ2 to γ2.</param>
    /// <returns>r1, the high-order bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Decompose(int gamma2, int r, out int r0)
    {
        int r1 = HighBits(gamma2, r);

        // Where r1 wrapped around to 0, r0 is above q/2 here, and takes q off: with that it is r0 − 1 of step 4.
        r0 = r - (r1 * 2 * gamma2);
        r0 -= (((Q - 1) / 2) - r0) >> 31 & Q;
        return r1;
    }

    /// <summary>Algorithm 37, HighBits.</summary>
    /// <param name="gamma2">γ2.</param>
    /// <param name="r">From 0 to q − 1.</param>
    /// <returns>r1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int HighBits(int gamma2, int r)
    {
        // 2γ2 is a multiple of 128: ⌈r / 128⌉, then by 2γ2 / 128 with rounding. The highest value wraps around to 0.
        int r1 = (r + 127) >> 7;
        if (gamma2 == (Q - 1) / 32)
        {
            return (((r1 * 1025) + (1 << 21)) >> 22) & 15;
        }

        r1 = ((r1 * 11275) + (1 << 23)) >> 24;
        return r1 & ~((43 - r1) >> 31);
    }

    /// <inheritdoc cref="HighBits(int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> HighBits(int gamma2, Vector256<int> r)
    {
        Vector256<int> r1 = (r + Vector256.Create(127)) >> 7;
        if (gamma2 == (Q - 1) / 32)
        {
            return (((r1 * Vector256.Create(1025)) + Vector256.Create(1 << 21)) >> 22) & Vector256.Create(15);
        }

        r1 = ((r1 * Vector256.Create(11275)) + Vector256.Create(1 << 23)) >> 24;
        return Vector256.AndNot(r1, (Vector256.Create(43) - r1) >> 31);
    }

    /// <summary>HighBits of a polynomial.</summary>
    /// <param name="gamma2">γ2.</param>
    /// <param name="r">Coefficients from 0 to q − 1.</param>
    /// <param name="r1">Receives the high-order bits.</param>
    internal static void HighBits(int gamma2, ReadOnlySpan<int> r, Span<int> r1)
    {
        ReadOnlySpan<Vector256<int>> all = MemoryMarshal.Cast<int, Vector256<int>>(r);
        Span<Vector256<int>> high = MemoryMarshal.Cast<int, Vector256<int>>(r1)[..all.Length];
        for (int i = 0; i < all.Length; i++)
        {
            high[i] = HighBits(gamma2, all[i]);
        }
    }

    /// <summary>Whether a coefficient of LowBits (algorithm 38) of a polynomial reaches a bound in absolute value.</summary>
    /// <param name="gamma2">γ2.</param>
    /// <param name="r">Coefficients from 0 to q − 1.</param>
    /// <param name="bound">The bound.</param>
    /// <returns>‖LowBits(r)‖∞ ≥ bound; nothing shows which coefficient it was.</returns>
    internal static bool LowBitsReach(int gamma2, ReadOnlySpan<int> r, int bound)
    {
        Vector256<int> reached = Vector256<int>.Zero;
        foreach (Vector256<int> eight in MemoryMarshal.Cast<int, Vector256<int>>(r))
        {
            // As in Decompose.
            Vector256<int> r0 = eight - (HighBits(gamma2, eight) * Vector256.Create(2 * gamma2));
            r0 -= ((Vector256.Create((Q - 1) / 2) - r0) >> 31) & Vector256.Create(Q);
            reached |= Vector256.Create(bound - 1) - Polynomial.Absolute(r0);
        }

        return reached.ExtractMostSignificantBits() != 0;
    }

    /// <summary>Algorithm 39, MakeHint.</summary>
    /// <param name="gamma2">γ2.</param>
    /// <param name="r">r, from 0 to q − 1.</param>
    /// <param name="sum">r + z, from 0 to q − 1.</param>
    /// <returns>1 where the high-order bits differ, otherwise 0.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int MakeHint(int gamma2, int r, int sum)
    {
        int difference = HighBits(gamma2, r) ^ HighBits(gamma2, sum);
        return (int)((uint)-difference >> 31);
    }

    /// <summary>Algorithm 39, MakeHint, of a polynomial.</summary>
    /// <param name="gamma2">γ2.</param>
    /// <param name="r">r, coefficients from 0 to q − 1.</param>
    /// <param name="sum">r + z, coefficients from 0 to q − 1; receives the hint, 0 or 1.</param>
    /// <returns>The number of ones.</returns>
    internal static int MakeHint(int gamma2, ReadOnlySpan<int> r, Span<int> sum)
    {
        Span<Vector256<int>> sums = MemoryMarshal.Cast<int, Vector256<int>>(sum);
        ReadOnlySpan<Vector256<int>> all = MemoryMarshal.Cast<int, Vector256<int>>(r)[..sums.Length];
        Vector256<int> ones = Vector256<int>.Zero;
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = -(HighBits(gamma2, all[i]) ^ HighBits(gamma2, sums[i])) >>> 31;
            ones += sums[i];
        }

        return Vector256.Sum(ones);
    }

    /// <summary>Algorithm 40, UseHint, of a polynomial. Not constant time.</summary>
    /// <param name="gamma2">γ2.</param>
    /// <param name="ones">The positions where the hint is 1.</param>
    /// <param name="r">Coefficients from 0 to q − 1.</param>
    /// <param name="r1">Receives the high-order bits that the hint gives back.</param>
    internal static void UseHint(int gamma2, ReadOnlySpan<byte> ones, ReadOnlySpan<int> r, Span<int> r1)
    {
        HighBits(gamma2, r, r1);
        foreach (byte position in ones)
        {
            r1[position] = UseHint(gamma2, r[position]);
        }
    }

    /// <summary>Algorithm 40, UseHint, where the hint is 1. Not constant time.</summary>
    /// <param name="gamma2">γ2.</param>
    /// <param name="r">From 0 to q − 1.</param>
    /// <returns>The high-order bits that the hint gives back.</returns>
    internal static int UseHint(int gamma2, int r)
    {
        int m = (Q - 1) / (2 * gamma2);
        int r1 = Decompose(gamma2, r, out int r0);
        return r0 > 0 ? (r1 + 1) % m : (r1 + m - 1) % m;
    }
}

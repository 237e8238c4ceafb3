using System.Runtime.CompilerServices;

namespace RonKms.PostQuantum.MLKem;

/// <summary>The choice that implicit rejection makes.</summary>
/// <remarks>
/// Constant time: every byte is read, compared and written in every case. The comparison is compiled apart and without optimization
/// (as the platform's own fixed-time comparison is), so that the compiler, not knowing that a mask has two values, cannot turn it into
/// a branch.
/// </remarks>
internal static class ConstantTime
{
    /// <summary>Replaces a value where two buffers differ.</summary>
    /// <param name="left">The one buffer.</param>
    /// <param name="right">The other, as long as <paramref name="left"/>.</param>
    /// <param name="replacement">What replaces the value.</param>
    /// <param name="value">The value, as long as <paramref name="replacement"/>.</param>
    internal static void ReplaceUnlessEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, ReadOnlySpan<byte> replacement, Span<byte> value)
    {
        int mask = MaskOfDifference(left, right);
        for (int i = 0; i < value.Length; i++)
        {
            value[i] ^= (byte)(mask & (value[i] ^ replacement[i]));
        }
    }

    /// <summary>Compares without stopping at a difference.</summary>
    /// <returns>All ones where the buffers differ, otherwise zero.</returns>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    private static int MaskOfDifference(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int difference = left.Length ^ right.Length;
        int length = right.Length;
        for (int i = 0; i < length; i++)
        {
            difference |= left[i] ^ right[i];
        }

        return (difference | -difference) >> 31;
    }
}

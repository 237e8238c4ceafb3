using System.Runtime.CompilerServices;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>One coefficient: the portable form of the transforms, and the reference of the wide ones.</summary>
/// <remarks>Constant time: additions, multiplications and shifts.</remarks>
internal readonly struct Residue : IResidueLanes<int>
{
    /// <summary>q^-1 mod 2^32.</summary>
    internal const int InverseOfQ = 58728449;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Broadcast(int value) => value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Add(int a, int b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Subtract(int a, int b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Multiply(int a, int b) => Reduce((long)a * b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int InnerProduct(ReadOnlySpan<int> a, ReadOnlySpan<int> b, int step)
    {
        long sum = 0;
        for (int i = 0; i < a.Length; i += step)
        {
            sum += (long)a[i] * b[i];
        }

        return Reduce(sum);
    }

    /// <inheritdoc/>
    public static void Interleave(ref int a, ref int b)
    {
    }

    // Algorithm 49 (MontgomeryReduce): a·2^-32 mod q, below q in absolute value, for a below 2^31·q in absolute value.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Reduce(long a)
    {
        int t = (int)a * InverseOfQ;
        return (int)((a - ((long)t * Q)) >> 32);
    }
}

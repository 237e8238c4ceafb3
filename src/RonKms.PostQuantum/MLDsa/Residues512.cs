using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>Sixteen coefficients: AVX-512. The lanes with even and with odd numbers are multiplied apart, for a product takes two lanes.</summary>
/// <remarks>Constant time: additions, multiplications and shifts.</remarks>
internal readonly struct Residues512 : IResidueLanes<Vector512<int>>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Broadcast(int value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> a, Vector512<int> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Subtract(Vector512<int> a, Vector512<int> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Multiply(Vector512<int> a, Vector512<int> b) =>
        Reduce(EvenProducts(a, b), EvenProducts(OddLanes(a), OddLanes(b)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> InnerProduct(ReadOnlySpan<Vector512<int>> a, ReadOnlySpan<Vector512<int>> b, int step)
    {
        Vector512<long> even = Vector512<long>.Zero;
        Vector512<long> odd = Vector512<long>.Zero;
        for (int i = 0; i < a.Length; i += step)
        {
            even += EvenProducts(a[i], b[i]);
            odd += EvenProducts(OddLanes(a[i]), OddLanes(b[i]));
        }

        return Reduce(even, odd);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(ref Vector512<int> a, ref Vector512<int> b)
    {
        Vector512<int> first = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        Vector512<int> second = first + Vector512.Create(8);
        (a, b) = (Avx512F.PermuteVar16x32x2(a, first, b), Avx512F.PermuteVar16x32x2(a, second, b));
    }

    // Algorithm 49. What is subtracted has the lower halves of the products, so that the upper halves are what counts.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Reduce(Vector512<long> even, Vector512<long> odd)
    {
        Vector512<int> inverse = Vector512.Create(Residue.InverseOfQ);
        Vector512<int> q = Vector512.Create(Q);
        even -= EvenProducts(EvenProducts(even.AsInt32(), inverse).AsInt32(), q);
        odd -= EvenProducts(EvenProducts(odd.AsInt32(), inverse).AsInt32(), q);
        return Vector512.ConditionalSelect(Vector512.Create(0xFFFF_FFFFL).AsInt32(), OddLanes(even.AsInt32()), odd.AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> OddLanes(Vector512<int> a) => (a.AsInt64() >>> 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> EvenProducts(Vector512<int> a, Vector512<int> b) => Avx512F.Multiply(a, b);
}

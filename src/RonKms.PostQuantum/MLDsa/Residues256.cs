using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>Eight coefficients: AVX2. The lanes with even and with odd numbers are multiplied apart, for a product takes two lanes.</summary>
/// <remarks>Constant time: additions, multiplications and shifts.</remarks>
internal readonly struct Residues256 : IResidueLanes<Vector256<int>>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Broadcast(int value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Subtract(Vector256<int> a, Vector256<int> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Multiply(Vector256<int> a, Vector256<int> b) =>
        Reduce(EvenProducts(a, b), EvenProducts(OddLanes(a), OddLanes(b)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> InnerProduct(ReadOnlySpan<Vector256<int>> a, ReadOnlySpan<Vector256<int>> b, int step)
    {
        Vector256<long> even = Vector256<long>.Zero;
        Vector256<long> odd = Vector256<long>.Zero;
        for (int i = 0; i < a.Length; i += step)
        {
            even += EvenProducts(a[i], b[i]);
            odd += EvenProducts(OddLanes(a[i]), OddLanes(b[i]));
        }

        return Reduce(even, odd);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(ref Vector256<int> a, ref Vector256<int> b)
    {
        Vector256<int> low = Avx2.UnpackLow(a, b);
        Vector256<int> high = Avx2.UnpackHigh(a, b);
        a = Avx2.Permute2x128(low, high, 0x20);
        b = Avx2.Permute2x128(low, high, 0x31);
    }

    // Algorithm 49. What is subtracted has the lower halves of the products, so that the upper halves are what counts.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Reduce(Vector256<long> even, Vector256<long> odd)
    {
        Vector256<int> inverse = Vector256.Create(Residue.InverseOfQ);
        Vector256<int> q = Vector256.Create(Q);
        even -= EvenProducts(EvenProducts(even.AsInt32(), inverse).AsInt32(), q);
        odd -= EvenProducts(EvenProducts(odd.AsInt32(), inverse).AsInt32(), q);
        return Vector256.ConditionalSelect(Vector256.Create(0xFFFF_FFFFL).AsInt32(), OddLanes(even.AsInt32()), odd.AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> OddLanes(Vector256<int> a) => (a.AsInt64() >>> 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> EvenProducts(Vector256<int> a, Vector256<int> b) => Avx2.Multiply(a, b);
}

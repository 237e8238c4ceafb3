using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RonKms.PostQuantum.Lanes;

/// <summary>Two lanes of 64 bits or four of 32: ARM, and x86 without AVX2.</summary>
/// <inheritdoc cref="ILanes{TVector, TWord}"/>
internal readonly struct Lanes128<TWord> : ILanes<Vector128<TWord>, TWord>
    where TWord : unmanaged
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<TWord> Broadcast(TWord word) => Vector128.Create(word);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<TWord> Add(Vector128<TWord> a, Vector128<TWord> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<TWord> Xor(Vector128<TWord> a, Vector128<TWord> b) => a ^ b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<TWord> Xor(Vector128<TWord> a, Vector128<TWord> b, Vector128<TWord> c) => a ^ b ^ c;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<TWord> XorAndNot(Vector128<TWord> a, Vector128<TWord> b, Vector128<TWord> c) => a ^ Vector128.AndNot(c, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<TWord> Choose(Vector128<TWord> a, Vector128<TWord> b, Vector128<TWord> c) => c ^ (a & (b ^ c));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<TWord> Majority(Vector128<TWord> a, Vector128<TWord> b, Vector128<TWord> c) => (a & b) | (c & (a | b));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<TWord> RotateRight(Vector128<TWord> a, [ConstantExpected] byte bits) =>
        (a >>> bits) | (a << ((8 * Unsafe.SizeOf<TWord>()) - bits));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<TWord> ShiftRight(Vector128<TWord> a, [ConstantExpected] byte bits) => a >>> bits;
}

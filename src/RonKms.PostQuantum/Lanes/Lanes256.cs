using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RonKms.PostQuantum.Lanes;

/// <summary>Four lanes of 64 bits or eight of 32: AVX2, with the rotation of AVX-512 where there is one.</summary>
/// <inheritdoc cref="ILanes{TVector, TWord}"/>
internal readonly struct Lanes256<TWord> : ILanes<Vector256<TWord>, TWord>
    where TWord : unmanaged
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<TWord> Broadcast(TWord word) => Vector256.Create(word);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<TWord> Add(Vector256<TWord> a, Vector256<TWord> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<TWord> Xor(Vector256<TWord> a, Vector256<TWord> b) => a ^ b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<TWord> Xor(Vector256<TWord> a, Vector256<TWord> b, Vector256<TWord> c) => a ^ b ^ c;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<TWord> XorAndNot(Vector256<TWord> a, Vector256<TWord> b, Vector256<TWord> c) => a ^ Vector256.AndNot(c, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<TWord> Choose(Vector256<TWord> a, Vector256<TWord> b, Vector256<TWord> c) => c ^ (a & (b ^ c));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<TWord> Majority(Vector256<TWord> a, Vector256<TWord> b, Vector256<TWord> c) => (a & b) | (c & (a | b));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<TWord> RotateRight(Vector256<TWord> a, [ConstantExpected] byte bits) =>
        !Avx512F.VL.IsSupported ? (a >>> bits) | (a << ((8 * Unsafe.SizeOf<TWord>()) - bits))
        : typeof(TWord) == typeof(uint) ? Avx512F.VL.RotateRight(a.AsUInt32(), bits).As<uint, TWord>()
        : Avx512F.VL.RotateRight(a.AsUInt64(), bits).As<ulong, TWord>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<TWord> ShiftRight(Vector256<TWord> a, [ConstantExpected] byte bits) => a >>> bits;
}

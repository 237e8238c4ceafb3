using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RonKms.PostQuantum.Lanes;

/// <summary>Eight lanes of 64 bits or sixteen of 32: AVX-512. The JIT makes one instruction of each two Boolean operations.</summary>
/// <inheritdoc cref="ILanes{TVector, TWord}"/>
internal readonly struct Lanes512<TWord> : ILanes<Vector512<TWord>, TWord>
    where TWord : unmanaged
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<TWord> Broadcast(TWord word) => Vector512.Create(word);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<TWord> Add(Vector512<TWord> a, Vector512<TWord> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<TWord> Xor(Vector512<TWord> a, Vector512<TWord> b) => a ^ b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<TWord> Xor(Vector512<TWord> a, Vector512<TWord> b, Vector512<TWord> c) => a ^ b ^ c;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<TWord> XorAndNot(Vector512<TWord> a, Vector512<TWord> b, Vector512<TWord> c) => a ^ Vector512.AndNot(c, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<TWord> Choose(Vector512<TWord> a, Vector512<TWord> b, Vector512<TWord> c) => Vector512.ConditionalSelect(a, b, c);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<TWord> Majority(Vector512<TWord> a, Vector512<TWord> b, Vector512<TWord> c) => Vector512.ConditionalSelect(a ^ b, c, a);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<TWord> RotateRight(Vector512<TWord> a, [ConstantExpected] byte bits) =>
        typeof(TWord) == typeof(uint)
            ? Avx512F.RotateRight(a.AsUInt32(), bits).As<uint, TWord>()
            : Avx512F.RotateRight(a.AsUInt64(), bits).As<ulong, TWord>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<TWord> ShiftRight(Vector512<TWord> a, [ConstantExpected] byte bits) => a >>> bits;
}

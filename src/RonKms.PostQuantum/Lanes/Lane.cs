using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace RonKms.PostQuantum.Lanes;

/// <summary>One lane: the portable form of every kernel, and the reference of the wide ones.</summary>
/// <inheritdoc cref="ILanes{TVector, TWord}"/>
internal readonly struct Lane<TWord> : ILanes<TWord, TWord>
    where TWord : unmanaged, IBinaryInteger<TWord>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWord Broadcast(TWord word) => word;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWord Add(TWord a, TWord b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWord Xor(TWord a, TWord b) => a ^ b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWord Xor(TWord a, TWord b, TWord c) => a ^ b ^ c;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWord XorAndNot(TWord a, TWord b, TWord c) => a ^ (~b & c);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWord Choose(TWord a, TWord b, TWord c) => c ^ (a & (b ^ c));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWord Majority(TWord a, TWord b, TWord c) => (a & b) | (c & (a | b));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWord RotateRight(TWord a, [ConstantExpected] byte bits) => TWord.RotateRight(a, bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TWord ShiftRight(TWord a, [ConstantExpected] byte bits) => a >>> bits;
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Benchmarks.Timing;

/// <summary>Inputs of two classes: of one value, and of many.</summary>
/// <remarks>
/// What puts an input in place reads the same addresses and runs the same instructions for both classes. Otherwise the caches, the
/// address translation and the branch prediction know the class when the work begins, and some processes show a few nanoseconds for it.
/// </remarks>
/// <typeparam name="T">What an input is made of.</typeparam>
internal sealed class TwoClasses<T>
    where T : unmanaged
{
    /// <summary>Makes an input of a class.</summary>
    /// <param name="isRandom">The class: of many values, or of one.</param>
    /// <param name="input">Receives the input, over an old one.</param>
    internal delegate void Fill(bool isRandom, Span<T> input);

    private readonly T[] _one;
    private readonly T[] _random;
    private readonly int _size;
    private readonly Fill _fill;
    private int _next;

    /// <summary>Prepares to make inputs.</summary>
    /// <param name="count">How many of each class are made at a time. None is used twice.</param>
    /// <param name="size">The size of an input: a multiple of a vector's.</param>
    /// <param name="fill">Makes one.</param>
    internal TwoClasses(int count, int size, Fill fill)
    {
        _size = size;
        _fill = fill;
        _one = new T[count * size];
        _random = new T[count * size];
    }

    /// <summary>Puts the next input of a class in place.</summary>
    internal void CopyNext(bool isRandom, Span<T> destination)
    {
        if (_next == 0)
        {
            for (int at = 0; at < _one.Length; at += _size)
            {
                _fill(false, _one.AsSpan(at, _size));
                _fill(true, _random.AsSpan(at, _size));
            }
        }

        ReadOnlySpan<Vector<byte>> one = Vectors(_one.AsSpan(_next, _size));
        ReadOnlySpan<Vector<byte>> random = Vectors(_random.AsSpan(_next, _size));
        Span<Vector<byte>> chosen = Vectors(destination);
        Vector<byte> mask = new((byte)-Unsafe.BitCast<bool, byte>(isRandom));
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = one[i] ^ (mask & (one[i] ^ random[i]));
        }

        _next = (_next + _size) % _one.Length;
    }

    private static Span<Vector<byte>> Vectors(Span<T> input)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(input);
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length % Vector<byte>.Count, 0);
        return MemoryMarshal.Cast<byte, Vector<byte>>(bytes);
    }
}

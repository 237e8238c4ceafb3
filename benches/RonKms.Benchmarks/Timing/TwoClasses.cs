namespace RonKms.Benchmarks.Timing;

/// <summary>Inputs of two classes, one value and many, side by side in one array: so that the caches know no difference between them.</summary>
/// <typeparam name="T">What an input is made of.</typeparam>
internal sealed class TwoClasses<T>
{
    private const int Inputs = 1_000;

    private readonly T[] _inputs;
    private readonly int _size;
    private int _next;

    /// <summary>Makes the inputs.</summary>
    /// <param name="size">The size of an input.</param>
    /// <param name="random">Makes an element of the class that is of many values.</param>
    /// <param name="one">Every element of the class that is of one value.</param>
    internal TwoClasses(int size, Func<T> random, T one)
    {
        _size = size;
        _inputs = new T[2 * Inputs * size];
        for (int i = 0; i < _inputs.Length; i++)
        {
            _inputs[i] = i / size % 2 == 0 ? one : random();
        }
    }

    /// <summary>Puts the next input of a class in place.</summary>
    internal void CopyNext(bool isRandom, Span<T> destination)
    {
        int row = (2 * (_next++ % Inputs)) + (isRandom ? 1 : 0);
        _inputs.AsSpan(row * _size, _size).CopyTo(destination);
    }
}

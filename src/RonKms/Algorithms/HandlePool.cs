namespace RonKms.Algorithms;

/// <summary>A few equal platform objects, so that threads need not share one that is not promised to be thread-safe.</summary>
/// <remarks>Lock-free; allocates only where more threads are inside than ever before. What does not fit back is disposed.</remarks>
/// <typeparam name="T">The platform's type.</typeparam>
internal sealed class HandlePool<T> : IDisposable
    where T : class, IDisposable
{
    private readonly T?[] _idle;
    private readonly Func<T> _make;

    /// <summary>Creates a pool that keeps at most one object a processor.</summary>
    /// <param name="make">Makes another object.</param>
    internal HandlePool(Func<T> make)
    {
        _make = make;
        _idle = new T?[Math.Max(2, Environment.ProcessorCount)];
    }

    /// <summary>Takes an object that nobody else uses.</summary>
    /// <returns>The object; it goes back by <see cref="Return"/>.</returns>
    internal T Rent()
    {
        for (int i = 0; i < _idle.Length; i++)
        {
            // Read first: an exchange writes, and would take the cache line from the threads beside.
            if (Volatile.Read(ref _idle[i]) is not null && Interlocked.Exchange(ref _idle[i], null) is T idle)
            {
                return idle;
            }
        }

        return _make();
    }

    /// <summary>Gives an object back.</summary>
    /// <param name="handle">What <see cref="Rent"/> gave.</param>
    internal void Return(T handle)
    {
        for (int i = 0; i < _idle.Length; i++)
        {
            if (Volatile.Read(ref _idle[i]) is null && Interlocked.CompareExchange(ref _idle[i], handle, null) is null)
            {
                return;
            }
        }

        handle.Dispose();
    }

    /// <summary>Disposes what is idle. Called when nobody is inside any more.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _idle.Length; i++)
        {
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
        }
    }
}

using System.Diagnostics.CodeAnalysis;

namespace RonKms.Custody;

/// <summary>Keeps the moment in which a store's generation changes apart from reads of the store, so that none sees half of each.</summary>
/// <remarks>Only who reads sealed bytes passes here, never who uses an opened key. Whoever is inside must not wait for the writer's turn.</remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Readers may still be inside when a keystore is disposed; what the lock holds is finalized.")]
internal sealed class GenerationGate
{
    // A store is other people's code and may come back with another read.
    private readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.SupportsRecursion);

    /// <summary>Reads sealed bytes.</summary>
    internal T Read<T>(Func<T> read)
    {
        _lock.EnterReadLock();
        try
        {
            return read();
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Changes the generation, once nobody is reading.</summary>
    internal void Change(Action change)
    {
        _lock.EnterWriteLock();
        try
        {
            change();
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }
}

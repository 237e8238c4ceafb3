using System.Globalization;
using RonKms.Interop;

namespace RonKms.Memory;

/// <summary>libsodium's guarded allocations, and whether the system locked them.</summary>
/// <remarks>
/// sodium_malloc asks the system to keep the memory out of core dumps and to lock it, in this order, and says nothing
/// where locking is refused: past RLIMIT_MEMLOCK the memory is usable, out of core dumps, and may be swapped. Thread-safe.
/// </remarks>
internal class GuardedMemory
{
    private const string ProcessStatus = "/proc/self/status";
    private const string LockedField = "VmLck:";

    // Guards the figure below, which is compared with the system's.
    private readonly Lock _gate = new();
    private long _lockedBytes;

    /// <summary>Takes memory, filled with zeros.</summary>
    /// <param name="size">How many bytes.</param>
    /// <param name="locked">Receives whether it cannot be swapped out.</param>
    /// <returns>Its address.</returns>
    /// <exception cref="InsufficientMemoryException">The system gives no more memory, or no more mappings.</exception>
    internal virtual nint Allocate(int size, out bool locked)
    {
        lock (_gate)
        {
            nint start = Libsodium.sodium_malloc((nuint)size);
            if (start == 0)
            {
                throw new InsufficientMemoryException(
                    "The system gave no guarded memory for a secret. Look at the process's memory limit and at vm.max_map_count.");
            }

            // Locking anew what is locked already succeeds, and what was refused is refused again.
            locked = TryLock(start, size);
            Libsodium.sodium_memzero(start, (nuint)size);
            return start;
        }
    }

    /// <summary>Asks the system to lock memory that it has not locked.</summary>
    /// <param name="start">What <see cref="Allocate"/> gave.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <returns>Whether it cannot be swapped out now.</returns>
    internal virtual bool TryLock(nint start, int size)
    {
        lock (_gate)
        {
            // The system's account must bear it out: it may hold more, for others lock memory too, but not less than is held here.
            bool locked = Libsodium.sodium_mlock(start, (nuint)size) == 0
                && (ReadLockedBytes() is not long account || account >= _lockedBytes + size);
            _lockedBytes += locked ? size : 0;
            return locked;
        }
    }

    /// <summary>Wipes memory and gives it back to the system.</summary>
    /// <param name="start">What <see cref="Allocate"/> gave.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="locked">Whether it was locked.</param>
    internal virtual void Free(nint start, int size, bool locked)
    {
        lock (_gate)
        {
            Libsodium.sodium_free(start);
            _lockedBytes -= locked ? size : 0;
        }
    }

    /// <summary>How much memory this process has locked, by the system's own account.</summary>
    /// <param name="processStatus">Where the account stands.</param>
    /// <returns>A size in bytes, or <see langword="null"/> where the system has no such account, or it cannot be read just now: then what the
    /// system answered to the lock itself must do.</returns>
    internal static long? ReadLockedBytes(string processStatus = ProcessStatus)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(processStatus))
        {
            return null;
        }

        try
        {
            foreach (string line in File.ReadLines(processStatus))
            {
                if (line.StartsWith(LockedField, StringComparison.Ordinal))
                {
                    ReadOnlySpan<char> kibibytes = line.AsSpan(LockedField.Length).Trim();
                    kibibytes = kibibytes[..kibibytes.IndexOf(' ')];
                    return 1024 * long.Parse(kibibytes, NumberStyles.None, CultureInfo.InvariantCulture);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As where a process has no file descriptor left.
        }

        return null;
    }
}

using System.Runtime.ExceptionServices;

namespace RonKms.Storage;

/// <summary>Work that waits for a disk, done on several threads: flushes that come together take a disk little longer than one.</summary>
internal static class SideBySide
{
    private const int MaxThreads = 16;

    // They call the system and little else.
    private const int StackSize = 256 * 1024;

    /// <summary>Does each piece of work, the caller's thread taking part, and returns when none is under way any more.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="work">Does one, given its number. After one failed no other begins; the first failure is thrown.</param>
    internal static void Do(int count, Action<int> work)
    {
        int next = -1;
        ExceptionDispatchInfo? failure = null;
        List<Thread> others = [];
        try
        {
            while (others.Count < Math.Min(count, MaxThreads) - 1)
            {
                Thread other = new(Work, StackSize) { IsBackground = true };
                other.Start();
                others.Add(other);
            }

            Work();
        }
        finally
        {
            others.ForEach(other => other.Join());
        }

        failure?.Throw();

        void Work()
        {
            int i;
            while (Volatile.Read(ref failure) is null && (i = Interlocked.Increment(ref next)) < count)
            {
                try
                {
                    work(i);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
                }
            }
        }
    }
}

using System.Runtime.InteropServices;

namespace RonKms.Benchmarks;

/// <summary>How long a process took, in milliseconds.</summary>
/// <param name="Clock">From its start to its exit.</param>
/// <param name="Processor">On a processor, the system's work for it included.</param>
internal readonly partial record struct ProcessTime(double Clock, double Processor)
{
    private const int Children = -1;

    public static ProcessTime operator +(ProcessTime a, ProcessTime b) => new(a.Clock + b.Clock, a.Processor + b.Processor);

    public static ProcessTime operator -(ProcessTime a, ProcessTime b) => new(a.Clock - b.Clock, a.Processor - b.Processor);

    public static ProcessTime operator /(ProcessTime a, double by) => new(a.Clock / by, a.Processor / by);

    /// <summary>The processor's time of all child processes that have ended, in milliseconds.</summary>
    internal static double OfEndedChildren()
    {
        // struct rusage begins with two struct timeval, for the program's and the system's work; it has 144 bytes.
        Span<long> usage = stackalloc long[32];
        return getrusage(Children, usage) == 0
            ? ((usage[0] + usage[2]) * 1e3) + ((usage[1] + usage[3]) / 1e3)
            : throw new InvalidOperationException("The system does not tell what processes used.");
    }

    [LibraryImport("libc")]
    private static partial int getrusage(int who, Span<long> usage);
}

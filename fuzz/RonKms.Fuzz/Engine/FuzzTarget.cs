namespace RonKms.Fuzz.Engine;

/// <summary>Something that reads foreign bytes, with what is true of it whatever it reads.</summary>
/// <param name="name">Its name.</param>
/// <param name="run">Reads an input. Throws what <see cref="Expects"/> names, or nothing.</param>
internal sealed class FuzzTarget(string name, Action<ReadOnlySpan<byte>> run)
{
    /// <summary>Its name, also that of its corpus.</summary>
    internal string Name => name;

    /// <summary>Whether an exception is the documented answer to a bad input. Everything else is a crash.</summary>
    internal Func<Exception, bool> Expects { get; init; } = static _ => false;

    /// <summary>Words that chance would hardly find: names of members, magic numbers.</summary>
    internal IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>Valid inputs, made of the vectors: what the corpus began with.</summary>
    internal Func<SeedSource, IEnumerable<byte[]>> Seeds { get; init; } = static _ => [];

    /// <summary>No input is longer.</summary>
    internal int MaxSize { get; init; } = 4096;

    /// <summary>One input that takes longer is a crash.</summary>
    internal TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How much one input may allocate: 1 MiB, and a thousand times its size.</summary>
    internal static long AllocationLimit(int size) => (1L << 20) + (1000L * size);

    /// <summary>Reads an input.</summary>
    /// <exception cref="Exception">A crash.</exception>
    internal void Execute(ReadOnlySpan<byte> input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            run(input);
        }
        catch (Exception e) when (Expects(e))
        {
            // Refused, as documented.
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Oracle.Holds(allocated <= AllocationLimit(input.Length), $"an input of {input.Length} bytes allocated {allocated}");
    }
}

namespace RonKms.Soak;

/// <summary>How long requests took, in steps of a microsecond up to a second, and what takes longer as a second. Takes the same room however many there are.</summary>
internal sealed class Latencies
{
    private readonly int[] _microseconds = new int[1_000_001];

    internal long Count { get; private set; }

    internal static Latencies Sum(IEnumerable<Latencies> parts)
    {
        Latencies sum = new();
        foreach (Latencies part in parts)
        {
            sum.Count += part.Count;
            for (int i = 0; i < sum._microseconds.Length; i++)
            {
                sum._microseconds[i] += part._microseconds[i];
            }
        }

        return sum;
    }

    internal void Add(TimeSpan time)
    {
        _microseconds[(int)Math.Min(time.TotalMicroseconds, _microseconds.Length - 1)]++;
        Count++;
    }

    /// <summary>What a share of the requests took at the most.</summary>
    internal double Milliseconds(double share)
    {
        long below = 0;
        int i = 0;
        while (i < _microseconds.Length - 1 && (below += _microseconds[i]) < share * Count)
        {
            i++;
        }

        return i / 1000.0;
    }
}

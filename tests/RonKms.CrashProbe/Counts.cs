namespace RonKms.CrashProbe;

/// <summary>What was found.</summary>
internal sealed class Counts
{
    /// <summary>What was acknowledged and is not there, or not as it was acknowledged.</summary>
    internal int Lost { get; private set; }

    /// <summary>What is there in part.</summary>
    internal int HalfDone { get; private set; }

    /// <summary>Stores that did not open, and chains with a wrong link.</summary>
    internal int BrokenChains { get; private set; }

    internal bool AreGood => Lost + HalfDone + BrokenChains == 0;

    internal void AddLost(string what)
    {
        Lost++;
        Console.WriteLine("lost: " + what);
    }

    internal void AddHalfDone(string what)
    {
        HalfDone++;
        Console.WriteLine("half-done: " + what);
    }

    internal void AddBrokenChain(string what)
    {
        BrokenChains++;
        Console.WriteLine("broken chain: " + what);
    }
}

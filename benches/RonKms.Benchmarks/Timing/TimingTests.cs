namespace RonKms.Benchmarks.Timing;

/// <summary>The statistical timing tests of the managed algorithms.</summary>
internal static class TimingTests
{
    private static readonly (string Name, int Count, Func<(Action<bool> Prepare, Action Work)> Make)[] s_all =
    [
        ("mlkem768-decapsulate-valid-rejected", 200_000, MLKemTiming.ValidAndRejected),
        ("mlkem768-decapsulate-fixed-random-key", 200_000, MLKemTiming.FixedAndRandomKey),
        ("mlkem-compress-fixed-random", 1_000_000, MLKemTiming.Compression),
        ("mlkem-encode-fixed-random", 1_000_000, MLKemTiming.Encoding),
        ("mldsa65-accepted-candidate-fixed-random-key", 100_000, MLDsaTiming.AcceptedCandidate),
        ("mldsa65-pack-fixed-random", 1_000_000, MLDsaTiming.Packing),
    ];

    /// <summary>Runs all, and the known leak first. Prints name, largest |t| and number of measurements.</summary>
    /// <returns>Whether no times differed, and the known leak was found.</returns>
    internal static bool Run()
    {
        const int LeakCount = 200_000;
        (Action<bool> prepare, Action work) = KnownLeak.Comparison();
        double found = TimingTest.Measure(LeakCount, prepare, work);
        Console.WriteLine(TimingTest.Line("known-leak", LeakCount, found));
        bool good = found > TimingTest.Differs;
        foreach ((string name, int count, Func<(Action<bool> Prepare, Action Work)> make) in s_all)
        {
            (prepare, work) = make();
            double t = TimingTest.Measure(count, prepare, work);
            Console.WriteLine(TimingTest.Line(name, count, t));
            good &= t <= TimingTest.Differs;
        }

        return good;
    }
}

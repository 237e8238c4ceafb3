namespace RonKms.Benchmarks.Timing;

/// <summary>The statistical timing tests of the managed algorithms.</summary>
internal static class TimingTests
{
    private static readonly (string Name, int Count, Func<(Action<bool> Prepare, Action Work)> Make)[] s_all =
    [
        ("mlkem768-decapsulate-valid-rejected", 200_000, MLKemTiming.ValidAndRejected),
        ("mlkem768-decapsulate-fixed-random-key", 200_000, MLKemTiming.FixedAndRandomKey),
        ("mlkem-compress-fixed-random", 1_000_000, () => MLKemTiming.Compression(zero: false)),
        ("mlkem-encode-fixed-random", 1_000_000, () => MLKemTiming.Encoding(zero: false)),
        ("mldsa65-accepted-candidate-fixed-random-key", 100_000, MLDsaTiming.AcceptedCandidate),
        ("mldsa65-pack-fixed-random", 1_000_000, () => MLDsaTiming.Packing(zero: false)),
    ];

    // No secret is a polynomial of zeros. These say what the machine itself makes of zeros: the last line copies, and does nothing else.
    private static readonly (string Name, int Count, Func<(Action<bool> Prepare, Action Work)> Make)[] s_zeros =
    [
        ("mlkem-compress-zero-random", 1_000_000, () => MLKemTiming.Compression(zero: true)),
        ("mlkem-encode-zero-random", 1_000_000, () => MLKemTiming.Encoding(zero: true)),
        ("mldsa65-pack-zero-random", 1_000_000, () => MLDsaTiming.Packing(zero: true)),
        ("copy-zero-random", 1_000_000, () => MLKemTiming.Copying(zero: true)),
    ];

    /// <summary>Runs all, and the known leak first. Prints name, largest |t|, number of measurements and the difference in nanoseconds.</summary>
    /// <param name="zeros">Runs those with the polynomial of zeros instead.</param>
    /// <returns>Whether no times differed, and the known leak was found.</returns>
    internal static bool Run(bool zeros)
    {
        bool good = Differs("known-leak", 200_000, KnownLeak.Comparison);
        foreach ((string name, int count, Func<(Action<bool> Prepare, Action Work)> make) in zeros ? s_zeros : s_all)
        {
            good &= !Differs(name, count, make);
        }

        return good;
    }

    private static bool Differs(string name, int count, Func<(Action<bool> Prepare, Action Work)> make)
    {
        (Action<bool> prepare, Action work) = make();
        TimingTest test = TimingTest.Measure(count, prepare, work);
        Console.WriteLine($"{name} {test}");
        return test.Differs;
    }
}

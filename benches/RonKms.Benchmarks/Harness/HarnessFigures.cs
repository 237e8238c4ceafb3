namespace RonKms.Benchmarks.Harness;

/// <summary>The figures of group harness: what HTTP and JSON cost beside an answer that says nothing and the library's own work.</summary>
internal static class HarnessFigures
{
    // Of the bound's requests a second at least 0.80: of its time at most this.
    private const double NearBound = 1 / 0.80;

    internal static IEnumerable<Figure> Measure()
    {
        using HarnessPair pair = new();
        yield return PairedRatio.Measure("harness-verify-ed25519", NearBound, pair.Verify, pair.VerifyBare);
    }
}

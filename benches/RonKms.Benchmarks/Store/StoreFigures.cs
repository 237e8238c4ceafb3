namespace RonKms.Benchmarks.Store;

/// <summary>The figures of group store: what it costs that keys are durable, and that there are many.</summary>
internal static class StoreFigures
{
    // Of the bare loop's keys a second at least 0.85: of its time at most this.
    private const double NearBare = 1 / 0.85;
    private const int DurableRounds = 40;

    internal static IEnumerable<Figure> Measure()
    {
        using (DurablePair durable = DurablePair.Begin())
        {
            yield return PairedRatio.Measure("create-durable", NearBare, durable.Create, durable.CreateBare, rounds: DurableRounds);
            yield return durable.MeasureThreads("create-durable-32-threads", limit: 1);
        }

        using StoreOfKeys few = StoreOfKeys.Make(10);
        using StoreOfKeys thousand = StoreOfKeys.Make(1_000);
        using StoreOfKeys tenThousand = StoreOfKeys.Make(10_000);
        using StoreOfKeys many = StoreOfKeys.Make(100_000);
        foreach (Figure figure in OpeningTimes.Measure(thousand, tenThousand, many))
        {
            yield return figure;
        }

        using (FirstUses first = FirstUses.Of(many))
        using (FirstUses firstOfFew = FirstUses.Of(few))
        {
            yield return PairedRatio.Measure("first-use-100k", 1.2, first.Sign, firstOfFew.Sign);
        }

        yield return StartProbe.MeasureOpenStore("open-100k-mib", many.Place, many.KekFile, many.Count, 300);
    }
}

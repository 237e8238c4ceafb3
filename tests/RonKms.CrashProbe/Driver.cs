namespace RonKms.CrashProbe;

/// <summary>Kills writers, one after another, over the same stores, and checks what each left.</summary>
internal sealed class Driver(int kills, int seed, string[] directories)
{
    private const double TornShare = 0.33;

    /// <returns>The exit code: 0 when nothing was found.</returns>
    internal int Run()
    {
        var random = new Random(seed);
        var counts = new Counts();
        CheckedStore[] stores = [.. directories.Select(directory => new CheckedStore(directory, counts))];
        Console.WriteLine($"seed {seed}");
        long acknowledged = 0;
        int torn = 0;
        int killed = 0;
        while (killed < kills && counts.AreGood)
        {
            CheckedStore store = stores[++killed % stores.Length];
            CrashedWriter writer = CrashedWriter.Run(store.Directory, random);
            acknowledged += writer.Acknowledged.Count;
            if (random.NextDouble() < TornShare && writer.WasOpen && TornEnd.Make(store.Directory, writer.Unanswered, random)) torn++;
            store.Check(writer, random);
            if (!counts.AreGood) Console.WriteLine($"found after kill {killed}; run again with the seed {seed}");
        }

        if (counts.AreGood)
        {
            foreach (CheckedStore store in stores) store.CheckAll();
        }

        Console.WriteLine($"{acknowledged} calls acknowledged, {stores.Sum(store => store.Versions)} key versions made, {torn} ends torn");
        Console.WriteLine($"{killed} kills, {counts.Lost} lost, {counts.HalfDone} half-done, {counts.BrokenChains} broken chains");
        return counts.AreGood ? 0 : 1;
    }
}

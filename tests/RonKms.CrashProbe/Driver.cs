namespace RonKms.CrashProbe;

/// <summary>Kills writers, one after another, over the same stores, and checks what each left.</summary>
internal sealed class Driver(int kills, int seed, string[] places)
{
    private const double TornShare = 0.33;
    private const double CopyShare = 0.3;
    private const double OpeningAgainShare = 0.3;

    private readonly Counts _counts = new();
    private readonly SortedDictionary<string, int> _maintenance = [];
    private int _acknowledged;
    private int _versions;
    private int _torn;
    private int _refused;
    private int _killed;

    /// <returns>The exit code: 0 when nothing was found.</returns>
    internal int Run()
    {
        var random = new Random(seed);
        CheckedStore[] stores = [.. places.Select(place => new CheckedStore(new TestStore(place), _counts))];
        Console.WriteLine($"seed {seed}");
        for (int turn = 0; _killed < kills && _counts.AreGood; turn = (turn + 1) % stores.Length)
        {
            Kill(stores[turn], random);
            if (_counts.AreGood && (stores[turn].IsFull || _killed >= kills)) stores[turn] = End(stores[turn]);
            if (!_counts.AreGood) Console.WriteLine($"found after kill {_killed}; run again with the seed {seed}");
        }

        if (_counts.AreGood)
        {
            foreach (CheckedStore store in stores) End(store);
        }

        Console.WriteLine($"{_acknowledged} calls acknowledged, {_versions} key versions made, {_torn} ends torn, {_refused} old copies refused");
        Console.WriteLine($"done under fire: {string.Join(", ", _maintenance.Select(done => $"{done.Key} {done.Value}"))}");
        Console.WriteLine($"{_killed} kills, {_counts.Lost} lost, {_counts.HalfDone} half-done, {_counts.BrokenChains} broken chains");
        return _counts.AreGood ? 0 : 1;
    }

    private void Kill(CheckedStore store, Random random)
    {
        using OldCopy? copy = random.NextDouble() < CopyShare ? store.Copy() : null;
        CrashedWriter writer = CrashedWriter.Run(store.Store, store.Kek, random);
        _killed++;
        Count(writer);
        store.Hear(writer);
        store.CheckAtRest(writer);
        if (random.NextDouble() < TornShare && writer.WasOpen && TornEnd.Make(store.Store, writer.Unanswered, random)) _torn++;
        if (random.NextDouble() < OpeningAgainShare && writer.WasOpen && _killed < kills)
        {
            CrashedWriter.Open(store.Store, store.Kek, random);
            _killed++;
        }

        store.Check(writer, random);
        if (copy is null || !writer.History.Any(said => said.Result is not null and not "unchanged")) return;

        if (copy.FindFault() is { } fault) _counts.AddLost(fault);
        else _refused++;
    }

    private void Count(CrashedWriter writer)
    {
        _acknowledged += writer.Answers;
        foreach ((Intent intent, string? result) in writer.History)
        {
            if (intent.IsMaintenance && (result == "changed" || (result is not null && intent.Op == "backup")))
            {
                _maintenance[intent.Op] = _maintenance.GetValueOrDefault(intent.Op) + 1;
            }
        }
    }

    /// <summary>Looks at every key of a store for the last time, and begins with another one in its place.</summary>
    private CheckedStore End(CheckedStore store)
    {
        store.CheckAll();
        _versions += store.Versions;
        return new CheckedStore(store.Store, _counts);
    }
}

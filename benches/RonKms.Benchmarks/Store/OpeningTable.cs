using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Store;

/// <summary>Opening a store of many keys, listing them, and using one for the first time.</summary>
[SimpleJob(launchCount: 1, warmupCount: 2, iterationCount: 10)]
public class OpeningTable
{
    private StoreOfKeys _store = null!;
    private StoreOfKeys _signed = null!;
    private FirstUses _uses = null!;

    [Params(10, 1_000, 10_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _store = StoreOfKeys.Make(Keys);
        _signed = StoreOfKeys.Make(Keys);
        _uses = FirstUses.Of(_signed);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _uses.Dispose();
        _signed.Dispose();
        _store.Dispose();
    }

    [Benchmark]
    public void Open() => _store.Open().Dispose();

    [Benchmark]
    public int List() => _uses.List();

    [Benchmark]
    public void FirstUse() => _uses.Sign(1);
}

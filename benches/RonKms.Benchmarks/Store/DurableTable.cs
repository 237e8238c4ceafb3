using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Store;

/// <summary>One durable key on one thread, beside the same work on the file system alone.</summary>
[SimpleJob(launchCount: 1, warmupCount: 2, iterationCount: 20, invocationCount: 16)]
public class DurableTable
{
    private DurablePair _pair = null!;

    [GlobalSetup]
    public void SetUp() => _pair = DurablePair.Begin();

    [GlobalCleanup]
    public void CleanUp() => _pair.Dispose();

    [Benchmark(Baseline = true)]
    public void FilesAlone() => _pair.CreateBare(1);

    [Benchmark]
    public void Create() => _pair.Create(1);
}

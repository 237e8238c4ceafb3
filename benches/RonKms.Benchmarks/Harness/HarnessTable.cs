using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Harness;

/// <summary>A request to verify over one kept connection, and the least that it could take.</summary>
[SimpleJob(warmupCount: 5, iterationCount: 15)]
public class HarnessTable : IDisposable
{
    private HarnessPair _pair = null!;

    [GlobalSetup]
    public void SetUp() => _pair = new HarnessPair();

    [GlobalCleanup]
    public void Dispose() => _pair.Dispose();

    [Benchmark]
    public void Verify() => _pair.Verify(1);

    [Benchmark(Baseline = true)]
    public void EmptyAnswerAndLibrary() => _pair.VerifyBare(1);
}

using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Pq;

/// <summary>ML-DSA-65, managed, over 128 bytes, beside SHA-512 of 1 MiB.</summary>
[SimpleJob(warmupCount: 5, iterationCount: 15)]
public class MLDsaTable : IDisposable
{
    private readonly Mebibyte _mebibyte = new();
    private SignatureWork _signing = null!;

    [GlobalSetup]
    public void SetUp() => _signing = new SignatureWork(KeyAlgorithm.MLDsa65);

    [GlobalCleanup]
    public void Dispose() => _signing.Dispose();

    [Benchmark(Baseline = true)]
    public void Sha512OfMebibyte() => _mebibyte.Hash(1);

    [Benchmark]
    public void GenerateKey() => _signing.GenerateKey(1);

    [Benchmark]
    public void Sign() => _signing.Sign(1);

    [Benchmark]
    public void Verify() => _signing.Verify(1);
}

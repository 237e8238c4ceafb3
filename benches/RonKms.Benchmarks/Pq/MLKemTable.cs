using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Pq;

/// <summary>ML-KEM-768, managed, beside SHA-512 of 1 MiB.</summary>
[SimpleJob(warmupCount: 5, iterationCount: 15)]
public class MLKemTable : IDisposable
{
    private readonly Mebibyte _mebibyte = new();
    private KemWork _kem = null!;

    [GlobalSetup]
    public void SetUp() => _kem = new KemWork(KeyAlgorithm.MLKem768);

    [GlobalCleanup]
    public void Dispose() => _kem.Dispose();

    [Benchmark(Baseline = true)]
    public void Sha512OfMebibyte() => _mebibyte.Hash(1);

    [Benchmark]
    public void GenerateKey() => _kem.GenerateKey(1);

    [Benchmark]
    public void Encapsulate() => _kem.Encapsulate(1);

    [Benchmark]
    public void Decapsulate() => _kem.Decapsulate(1);
}

using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Pq;

/// <summary>SLH-DSA's fast sets of category 1, managed, over 128 bytes, beside SHA-512 of 1 MiB.</summary>
[SimpleJob(warmupCount: 3, iterationCount: 10)]
public class SlhDsaTable : IDisposable
{
    private readonly Mebibyte _mebibyte = new();
    private SignatureWork _signing = null!;

    [Params("shake-128f", "sha2-128f")]
    public string Set { get; set; } = null!;

    [GlobalSetup]
    public void SetUp() => _signing = new SignatureWork(Set == "sha2-128f" ? KeyAlgorithm.SlhDsaSha2_128f : KeyAlgorithm.SlhDsaShake128f);

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

using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Core;

/// <summary>New keys in memory: made, sealed, written to the journal.</summary>
/// <remarks>Each iteration has a keystore of its own, so that the keys do not pile up. RSA is left out: how long it searches for primes is luck.</remarks>
[SimpleJob(invocationCount: 1024, iterationCount: 20)]
public class CreationTable
{
    private Keystore _kms = null!;
    private KeyAlgorithm _algorithm = null!;

    [Params("ed25519", "x25519", "p256", "aes256gcm", "hmacsha256")]
    public string Algorithm { get; set; } = null!;

    [IterationSetup]
    public void SetUp()
    {
        _algorithm = KeyAlgorithm.FindByName(Algorithm)!;
        _kms = Keystore.InMemory();
    }

    [IterationCleanup]
    public void CleanUp() => _kms.Dispose();

    [Benchmark]
    public KeyId Create() => _kms.Create("bench", "creation", _algorithm);
}

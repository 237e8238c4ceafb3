using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Core;

/// <summary>Envelopes into the caller's buffer.</summary>
[SimpleJob(warmupCount: 5, iterationCount: 15)]
public class EnvelopeTable
{
    private const int Overhead = 61;

    private Keystore _kms = null!;
    private KeyId _key = null!;
    private byte[] _plaintext = null!;
    private byte[] _envelope = null!;

    [Params("aes256gcm", "chacha20poly1305")]
    public string Algorithm { get; set; } = null!;

    [Params(128, 64 << 10, 1 << 20)]
    public int Size { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _kms = Keystore.InMemory();
        _key = _kms.Create("bench", "wrapping", KeyAlgorithm.FindByName(Algorithm)!);
        _plaintext = new byte[Size];
        _envelope = new byte[Size + Overhead];
        Wrap();
    }

    [GlobalCleanup]
    public void CleanUp() => _kms.Dispose();

    [Benchmark]
    public int Wrap() => _kms.Wrap(_key, _plaintext, default, _envelope);

    [Benchmark]
    public int Unwrap() => _kms.Unwrap(_key, _envelope, default, _plaintext);
}

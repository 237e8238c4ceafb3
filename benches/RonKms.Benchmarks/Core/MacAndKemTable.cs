using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Core;

/// <summary>HMAC-SHA-256 of 128 bytes, and X25519 as a KEM, in the caller's buffers.</summary>
[SimpleJob(warmupCount: 5, iterationCount: 15)]
public class MacAndKemTable
{
    private readonly byte[] _message = new byte[128];
    private readonly byte[] _mac = new byte[32];
    private readonly byte[] _ciphertext = new byte[32];
    private readonly byte[] _sharedSecret = new byte[32];
    private Keystore _kms = null!;
    private KeyId _macKey = null!;
    private KeyId _kemKey = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _kms = Keystore.InMemory();
        _macKey = _kms.Create("bench", "codes", KeyAlgorithm.HmacSha256);
        _kemKey = _kms.Create("bench", "agreement", KeyAlgorithm.X25519);
        ComputeMac();
        Encapsulate();
    }

    [GlobalCleanup]
    public void CleanUp() => _kms.Dispose();

    [Benchmark]
    public int ComputeMac() => _kms.ComputeMac(_macKey, _message, _mac, out _);

    [Benchmark]
    public bool VerifyMac() => _kms.VerifyMac(_macKey, _message, _mac);

    [Benchmark]
    public void Encapsulate() => _kms.Encapsulate(_kemKey, _ciphertext, _sharedSecret, out _);

    [Benchmark]
    public void Decapsulate() => _kms.Decapsulate(_kemKey, _ciphertext, _sharedSecret);
}

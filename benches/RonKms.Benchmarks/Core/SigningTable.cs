using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Core;

/// <summary>Signatures over 128 bytes into the caller's buffer.</summary>
[SimpleJob(warmupCount: 5, iterationCount: 15)]
public class SigningTable
{
    private readonly byte[] _message = new byte[128];
    private readonly byte[] _signature = new byte[512];
    private Keystore _kms = null!;
    private KeyId _key = null!;
    private int _size;

    [Params("ed25519", "p256", "rsa2048", "rsa3072", "rsa4096")]
    public string Algorithm { get; set; } = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _kms = Keystore.InMemory();
        _key = _kms.Create("bench", "signing", KeyAlgorithm.FindByName(Algorithm)!);
        _size = Sign();
    }

    [GlobalCleanup]
    public void CleanUp() => _kms.Dispose();

    [Benchmark]
    public int Sign() => _kms.Sign(_key, _message, _signature, out _);

    [Benchmark]
    public bool Verify() => _kms.Verify(_key, _message, _signature.AsSpan(0, _size));
}

using BenchmarkDotNet.Attributes;

namespace RonKms.Benchmarks.Hsm;

/// <summary>Signatures of 128 bytes with keys in a SoftHSM2 token, beside the module's own calls.</summary>
[SimpleJob(warmupCount: 5, iterationCount: 15)]
public class HsmTable : IDisposable
{
    private SoftToken _token = null!;
    private Keystore _kms = null!;
    private TokenPair _pair = null!;

    [Params("ed25519", "p256", "rsa2048", "rsa4096")]
    public string Algorithm { get; set; } = null!;

    [GlobalSetup]
    public void SetUp()
    {
        _token = new SoftToken();
        _kms = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_token.Token));
        _pair = new TokenPair(_token, _kms, KeyAlgorithm.FindByName(Algorithm)!);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _pair.Dispose();
        _kms.Dispose();
        _token.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void SignBare() => _pair.SignBare(1);

    [Benchmark]
    public void Sign() => _pair.Sign(1);
}

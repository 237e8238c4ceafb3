using System.Security.Cryptography;

namespace RonKms.Benchmarks.Pq;

/// <summary>The reference: the platform's ML-KEM, into buffers of its own.</summary>
internal sealed class PlatformKem : IDisposable
{
    private readonly MLKemAlgorithm _algorithm;
    private readonly MLKem _key;
    private readonly byte[] _ciphertext;
    private readonly byte[] _sharedSecret;

    internal PlatformKem(MLKemAlgorithm algorithm)
    {
        _algorithm = algorithm;
        _key = MLKem.GenerateKey(algorithm);
        _ciphertext = new byte[algorithm.CiphertextSizeInBytes];
        _sharedSecret = new byte[algorithm.SharedSecretSizeInBytes];
        Encapsulate(1);
    }

    internal void GenerateKey(int count)
    {
        for (int i = 0; i < count; i++)
        {
            MLKem.GenerateKey(_algorithm).Dispose();
        }
    }

    internal void Encapsulate(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _key.Encapsulate(_ciphertext, _sharedSecret);
        }
    }

    internal void Decapsulate(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _key.Decapsulate(_ciphertext, _sharedSecret);
        }
    }

    public void Dispose() => _key.Dispose();
}

using RonKms.Algorithms;

namespace RonKms.Benchmarks.Pq;

/// <summary>A KEM through the keystore, into buffers of its own.</summary>
internal sealed class KemWork : IDisposable
{
    private readonly Keystore _kms;
    private readonly KeyId _key;
    private readonly Algorithm _implementation;
    private readonly byte[] _publicKey;
    private readonly byte[] _ciphertext;
    private readonly byte[] _sharedSecret;

    internal KemWork(KeyAlgorithm algorithm)
    {
        KeystoreOptions options = new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed);
        _kms = Keystore.InMemory(options);
        _implementation = options.Algorithms.Find(algorithm);
        _publicKey = new byte[algorithm.PublicKeySize];
        _key = _kms.Create("bench", "agreement", algorithm);
        using Encapsulation first = _kms.GetPublicKey(_key).Encapsulate();
        _ciphertext = first.Ciphertext.ToArray();
        _sharedSecret = new byte[first.SharedSecret.Length];
        Decapsulate(1);
    }

    /// <summary>Makes a secret and its public key, which the keystore then seals.</summary>
    internal void GenerateKey(int count)
    {
        for (int i = 0; i < count; i++)
        {
            using SecretBytes secret = _implementation.GenerateSecret();
            _implementation.TryGetPublicKey(secret.Reveal(), _publicKey);
        }
    }

    internal void Encapsulate(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _kms.Encapsulate(_key, _ciphertext, _sharedSecret, out _);
        }
    }

    internal void Decapsulate(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _kms.Decapsulate(_key, _ciphertext, _sharedSecret);
        }
    }

    public void Dispose() => _kms.Dispose();
}

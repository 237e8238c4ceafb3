using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.Benchmarks.Pq;

/// <summary>Signatures of 128 bytes through the keystore, into a buffer of its own.</summary>
internal sealed class SignatureWork : IDisposable
{
    private readonly Keystore _kms;
    private readonly KeyId _key;
    private readonly Algorithm _implementation;
    private readonly byte[] _publicKey;
    private readonly byte[] _message = RandomNumberGenerator.GetBytes(128);
    private readonly byte[] _signed;
    private readonly byte[] _signature;

    internal SignatureWork(KeyAlgorithm algorithm)
    {
        KeystoreOptions options = new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed);
        _kms = Keystore.InMemory(options);
        _implementation = options.Algorithms.Find(algorithm);
        _publicKey = new byte[algorithm.PublicKeySize];
        _key = _kms.Create("bench", "signing", algorithm);
        _signed = _kms.Sign(_key, _message);
        _signature = new byte[_signed.Length];
        Verify(1);
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

    internal void Sign(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _kms.Sign(_key, _message, _signature, out _);
        }
    }

    internal void Verify(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!_kms.Verify(_key, _message, _signed))
            {
                throw new CryptographicException("What is measured does not work.");
            }
        }
    }

    public void Dispose() => _kms.Dispose();
}

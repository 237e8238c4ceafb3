using RonKms.Algorithms;

namespace RonKms.Benchmarks.Pq;

/// <summary>A KEM through the keystore, into buffers of its own.</summary>
internal sealed class KemWork : IDisposable
{
    private readonly Keystore _kms;
    private readonly KeyId[] _keys;
    private readonly Algorithm _implementation;
    private readonly byte[] _publicKey;
    private readonly byte[] _ciphertext;
    private readonly byte[] _sharedSecret;
    private int _next;

    /// <summary>Makes keys.</summary>
    /// <param name="algorithm">Their algorithm.</param>
    /// <param name="keys">How many are encapsulated to in turn; the first one does all else.</param>
    internal KemWork(KeyAlgorithm algorithm, int keys = 1)
    {
        KeystoreOptions options = new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed);
        _kms = Keystore.InMemory(options);
        _implementation = options.Algorithms.Find(algorithm);
        _publicKey = new byte[algorithm.PublicKeySize];
        _keys = [.. Enumerable.Range(0, keys).Select(i => _kms.Create("bench", $"agreement-{i}", algorithm))];
        using Encapsulation first = _kms.GetPublicKey(_keys[0]).Encapsulate();
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
            _kms.Encapsulate(_keys[0], _ciphertext, _sharedSecret, out _);
        }
    }

    /// <summary>Encapsulates to each key in turn.</summary>
    internal void EncapsulateInTurn(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _kms.Encapsulate(_keys[_next++ % _keys.Length], _ciphertext, _sharedSecret, out _);
        }
    }

    internal void Decapsulate(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _kms.Decapsulate(_keys[0], _ciphertext, _sharedSecret);
        }
    }

    public void Dispose() => _kms.Dispose();
}

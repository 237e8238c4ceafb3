using System.Buffers.Binary;
using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.Benchmarks.Pq;

/// <summary>Signatures of 128 bytes, each another message, through the keystore, into a buffer of its own.</summary>
internal sealed class SignatureWork : IDisposable
{
    private readonly Keystore _kms;
    private readonly KeyId[] _keys;
    private readonly Algorithm _implementation;
    private readonly byte[] _publicKey;
    private readonly byte[] _message = RandomNumberGenerator.GetBytes(128);
    private readonly byte[] _signedMessage;
    private readonly byte[][] _signed;
    private readonly byte[] _signature;
    private int _next;

    /// <summary>Makes keys.</summary>
    /// <param name="algorithm">Their algorithm.</param>
    /// <param name="keys">How many sign in turn; the first one verifies, or all in turn.</param>
    internal SignatureWork(KeyAlgorithm algorithm, int keys = 1)
    {
        KeystoreOptions options = new KeystoreOptions().UsePostQuantum(PostQuantumProvider.Managed);
        _kms = Keystore.InMemory(options);
        _implementation = options.Algorithms.Find(algorithm);
        _publicKey = new byte[algorithm.PublicKeySize];
        _keys = [.. Enumerable.Range(0, keys).Select(i => _kms.Create("bench", $"signing-{i}", algorithm))];
        _signedMessage = [.. _message];
        _signed = [.. _keys.Select(key => _kms.Sign(key, _signedMessage))];
        _signature = new byte[_signed[0].Length];
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
            BinaryPrimitives.WriteInt32LittleEndian(_message, _next++);
            _kms.Sign(_keys[_next % _keys.Length], _message, _signature, out _);
        }
    }

    internal void Verify(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Verify(_keys[0], _signed[0]);
        }
    }

    /// <summary>Verifies with each key in turn.</summary>
    internal void VerifyInTurn(int count)
    {
        for (int i = 0; i < count; i++)
        {
            int turn = _next++ % _keys.Length;
            Verify(_keys[turn], _signed[turn]);
        }
    }

    public void Dispose() => _kms.Dispose();

    private void Verify(KeyId key, byte[] signature)
    {
        if (!_kms.Verify(key, _signedMessage, signature))
        {
            throw new CryptographicException("What is measured does not work.");
        }
    }
}

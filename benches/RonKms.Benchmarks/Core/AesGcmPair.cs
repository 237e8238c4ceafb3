using System.Security.Cryptography;

namespace RonKms.Benchmarks.Core;

/// <summary>Envelopes through the keystore, and AES-256-GCM by the platform alone with an object held ready.</summary>
internal sealed class AesGcmPair : IDisposable
{
    private readonly Keystore _kms;
    private readonly KeyId _key;
    private readonly AesGcm _held = new(RandomNumberGenerator.GetBytes(32), 16);
    private readonly byte[] _plaintext;
    private readonly byte[] _envelope;
    private readonly byte[] _nonce = RandomNumberGenerator.GetBytes(12);

    internal AesGcmPair(Keystore kms, int size)
    {
        _kms = kms;
        _key = kms.Create("bench", "wrapping", KeyAlgorithm.Aes256Gcm);
        _plaintext = RandomNumberGenerator.GetBytes(size);
        _envelope = new byte[size + 61];
    }

    internal void Wrap(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _kms.Wrap(_key, _plaintext, default, _envelope);
        }
    }

    /// <summary>Writes to the same place in the same buffer, so that both have the same alignment.</summary>
    internal void EncryptBare(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _held.Encrypt(_nonce, _plaintext, _envelope.AsSpan(45, _plaintext.Length), _envelope.AsSpan(_envelope.Length - 16));
        }
    }

    public void Dispose() => _held.Dispose();
}

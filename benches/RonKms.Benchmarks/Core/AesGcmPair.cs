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
    private readonly byte[] _sealed;
    private readonly byte[] _bareSealed;
    private readonly byte[] _opened;
    private readonly byte[] _nonce = RandomNumberGenerator.GetBytes(12);

    internal AesGcmPair(Keystore kms, int size)
    {
        _kms = kms;
        _key = kms.Create("bench", "wrapping", KeyAlgorithm.Aes256Gcm);
        _plaintext = RandomNumberGenerator.GetBytes(size);
        _envelope = new byte[size + 61];
        _opened = new byte[size];
        EncryptBare(1);
        _bareSealed = [.. _envelope];
        Wrap(1);
        _sealed = [.. _envelope];
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

    internal void Unwrap(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _kms.Unwrap(_key, _sealed, default, _opened);
        }
    }

    /// <summary>Reads from the same place in a buffer of the same size.</summary>
    internal void DecryptBare(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _held.Decrypt(_nonce, _bareSealed.AsSpan(45, _opened.Length), _bareSealed.AsSpan(_bareSealed.Length - 16), _opened);
        }
    }

    public void Dispose() => _held.Dispose();
}

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RonKms.Benchmarks.Pq;

/// <summary>The reference: the platform's signatures of 128 bytes, by several keys in turn, into a buffer of its own.</summary>
/// <typeparam name="TKey">ML-DSA or SLH-DSA.</typeparam>
internal sealed class PlatformSignatures<TKey> : IDisposable
    where TKey : IDisposable
{
    private readonly Func<TKey> _generate;
    private readonly Action<TKey, byte[], byte[]> _sign;
    private readonly Func<TKey, byte[], byte[], bool> _verify;
    private readonly TKey[] _keys;
    private readonly byte[] _message = RandomNumberGenerator.GetBytes(128);
    private readonly byte[] _signature;
    private readonly byte[] _signedMessage;
    private readonly byte[] _signed;
    private int _next;

    internal PlatformSignatures(
        int keys, int signatureSize, Func<TKey> generate, Action<TKey, byte[], byte[]> sign, Func<TKey, byte[], byte[], bool> verify)
    {
        _generate = generate;
        _sign = sign;
        _verify = verify;
        _keys = [.. Enumerable.Range(0, keys).Select(_ => generate())];
        _signature = new byte[signatureSize];
        _signed = new byte[signatureSize];
        _signedMessage = [.. _message];
        sign(_keys[0], _signedMessage, _signed);
        Verify(1);
    }

    internal void GenerateKey(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _generate().Dispose();
        }
    }

    internal void Sign(int count)
    {
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_message, _next++);
            _sign(_keys[_next % _keys.Length], _message, _signature);
        }
    }

    internal void Verify(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!_verify(_keys[0], _signedMessage, _signed))
            {
                throw new CryptographicException("What is measured does not work.");
            }
        }
    }

    public void Dispose()
    {
        foreach (TKey key in _keys)
        {
            key.Dispose();
        }
    }
}

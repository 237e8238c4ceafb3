using System.Security.Cryptography;

namespace RonKms.Benchmarks.Core;

/// <summary>RSA-2048 through the keystore, and by the platform alone with the same key in an object held ready.</summary>
internal sealed class RsaPair : IDisposable
{
    private readonly Keystore _kms;
    private readonly KeyId _key;
    private readonly RSA _held = RSA.Create();
    private readonly byte[] _message;
    private readonly byte[] _signature = new byte[2048 / 8];

    internal RsaPair(Keystore kms, int messageSize)
    {
        using RSA made = RSA.Create(2048);
        byte[] pkcs8 = made.ExportPkcs8PrivateKey();
        _held.ImportPkcs8PrivateKey(pkcs8, out _);
        _kms = kms;
        _key = kms.ImportPkcs8("bench", "signing", KeyAlgorithm.Rsa2048, pkcs8);
        _message = RandomNumberGenerator.GetBytes(messageSize);
        Sign(1);
    }

    internal void Sign(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _kms.Sign(_key, _message, _signature, out _);
        }
    }

    internal void SignBare(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _held.SignData(_message, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        }
    }

    internal void Verify(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Require(_kms.Verify(_key, _message, _signature));
        }
    }

    internal void VerifyBare(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Require(_held.VerifyData(_message, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
        }
    }

    public void Dispose() => _held.Dispose();

    private static void Require(bool good)
    {
        if (!good)
        {
            throw new CryptographicException("What is measured does not work.");
        }
    }
}

using System.Security.Cryptography;

namespace RonKms.Benchmarks.Core;

/// <summary>ECDSA on P-256 through the keystore, and by the platform alone with the same key in an object held ready.</summary>
internal sealed class P256Pair : IDisposable
{
    private readonly Keystore _kms;
    private readonly KeyId _key;
    private readonly ECDsa _held = ECDsa.Create();
    private readonly byte[] _message;
    private readonly byte[] _signature = new byte[64];

    internal P256Pair(Keystore kms, int messageSize)
    {
        using ECDsa made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] pkcs8 = made.ExportPkcs8PrivateKey();
        _held.ImportPkcs8PrivateKey(pkcs8, out _);
        _kms = kms;
        _key = kms.ImportPkcs8("bench", "signing", KeyAlgorithm.P256, pkcs8);
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
            _held.SignData(_message, _signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
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
            Require(_held.VerifyData(_message, _signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
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

using System.Security.Cryptography;
using RonKms;
using RonKms.Algorithms;

namespace StoreTests;

/// <summary>ECDSA on P-256 of somebody else's, in the place of RonKms's own.</summary>
internal sealed class OwnP256() : SignatureAlgorithm(KeyAlgorithm.P256)
{
    private const int FieldSize = 32;

    public override string Provider => "own";

    public override int MaxSignatureSize => 2 * FieldSize;

    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey)
    {
        using ECDsa key = ECDsa.Create(Public(publicKey));
        return key.ExportSubjectPublicKeyInfo();
    }

    protected override int GenerateSecretCore(Span<byte> secret)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters parameters = key.ExportParameters(includePrivateParameters: true);
        parameters.D.CopyTo(secret);
        CryptographicOperations.ZeroMemory(parameters.D);
        return FieldSize;
    }

    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        try
        {
            using ECDsa key = Private(secret);
            ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
            publicKey[0] = 4;
            point.X.CopyTo(publicKey[1..]);
            point.Y.CopyTo(publicKey[(1 + FieldSize)..]);
            return true;
        }
        catch (CryptographicException)
        {
            // Out of range.
            return false;
        }
    }

    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey[0] != 4)
        {
            return false;
        }

        try
        {
            ECDsa.Create(Public(publicKey)).Dispose();
            return true;
        }
        catch (CryptographicException)
        {
            // Not on the curve.
            return false;
        }
    }

    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) => new Key(this, Private(secret));

    protected override bool VerifyCore(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options)
    {
        if (!IsValidPublicKey(publicKey))
        {
            return false;
        }

        using ECDsa key = ECDsa.Create(Public(publicKey));
        return key.VerifyData(message, signature, HashAlgorithmName.SHA256);
    }

    private static ECDsa Private(ReadOnlySpan<byte> secret)
    {
        byte[] scalar = secret.ToArray();
        try
        {
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    private static ECParameters Public(ReadOnlySpan<byte> publicKey) => new()
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = publicKey.Slice(1, FieldSize).ToArray(), Y = publicKey[(1 + FieldSize)..].ToArray() },
    };

    private sealed class Key(OwnP256 algorithm, ECDsa key) : SigningKey(algorithm)
    {
        protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
        {
            lock (key)
            {
                return key.SignData(message, destination, HashAlgorithmName.SHA256);
            }
        }

        protected override void Wipe() => key.Dispose();
    }
}

using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>Keys on the curve P-256: what is a scalar, what is a point, and their encodings.</summary>
/// <remarks>Source: NIST SP 800-186, section 3.2.1.3; SEC 1, sections 2.3 and C.4; RFC 5480; RFC 5915.</remarks>
internal static class P256
{
    /// <summary>The size of a scalar and of a coordinate in bytes.</summary>
    internal const int FieldSize = 32;

    /// <summary>The size of an uncompressed point in bytes.</summary>
    internal const int PointSize = 1 + (2 * FieldSize);

    private const byte UncompressedPoint = 4;
    private const int EcPrivateKeyVersion = 1;

    private static readonly Asn1Tag s_parameters = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag s_publicKey = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly BigInteger s_prime = new(
        Convert.FromHexString("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"), isUnsigned: true, isBigEndian: true);

    private static readonly BigInteger s_b = new(
        Convert.FromHexString("5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"), isUnsigned: true, isBigEndian: true);

    /// <summary>The AlgorithmIdentifier id-ecPublicKey with the named curve secp256r1, encoded.</summary>
    internal static ReadOnlySpan<byte> AlgorithmIdentifier =>
    [
        0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
    ];

    // secp256r1, 1.2.840.10045.3.1.7, encoded.
    private static ReadOnlySpan<byte> NamedCurve => AlgorithmIdentifier[11..];

    private static ReadOnlySpan<byte> Order =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ];

    /// <summary>Whether 32 bytes are a scalar from 1 to n − 1. Takes the same time for all.</summary>
    /// <param name="scalar">The bytes, big-endian.</param>
    /// <returns>Whether they are.</returns>
    internal static bool IsScalar(ReadOnlySpan<byte> scalar)
    {
        ReadOnlySpan<byte> order = Order;
        int borrow = 0;
        int bits = 0;
        for (int i = FieldSize - 1; i >= 0; i--)
        {
            borrow = ((scalar[i] - order[i] - borrow) >> 8) & 1;
            bits |= scalar[i];
        }

        return (borrow & ((bits + 0xFF) >> 8)) == 1;
    }

    /// <summary>Whether 65 bytes are an uncompressed point of the curve, with coordinates below p.</summary>
    /// <param name="point">The bytes.</param>
    /// <returns>Whether they are; the curve's cofactor is 1, so such a point is a valid public key.</returns>
    internal static bool IsPoint(ReadOnlySpan<byte> point)
    {
        if (point.Length != PointSize || point[0] != UncompressedPoint)
        {
            return false;
        }

        BigInteger x = new(point.Slice(1, FieldSize), isUnsigned: true, isBigEndian: true);
        BigInteger y = new(point[(1 + FieldSize)..], isUnsigned: true, isBigEndian: true);
        return x < s_prime && y < s_prime && ((y * y) - (((x * x) - 3) * x) - s_b) % s_prime == 0;
    }

    /// <summary>Makes the platform's object of a public key.</summary>
    /// <param name="point">A point that <see cref="IsPoint"/> takes.</param>
    /// <returns>The object; the caller disposes it.</returns>
    internal static ECDsa CreatePublic(ReadOnlySpan<byte> point) => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = Coordinates(point),
    });

    /// <summary>Makes the platform's object of a key pair.</summary>
    /// <param name="scalar">A scalar that <see cref="IsScalar"/> takes.</param>
    /// <param name="point">Its public key; where it is empty, the platform computes it.</param>
    /// <returns>The object; the caller disposes it.</returns>
    internal static ECDsa CreatePrivate(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point)
    {
        // ECParameters wants an array: pinned, so that the collector leaves no copy, and wiped.
        byte[] d = GC.AllocateUninitializedArray<byte>(FieldSize, pinned: true);
        try
        {
            scalar.CopyTo(d);
            return ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                D = d,
                Q = point.IsEmpty ? default : Coordinates(point),
            });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }
    }

    /// <summary>Writes a key's public point.</summary>
    /// <param name="key">The platform's object.</param>
    /// <param name="point">Receives the point, 65 bytes.</param>
    internal static void ExportPoint(ECDsa key, Span<byte> point)
    {
        ECPoint q = key.ExportParameters(includePrivateParameters: false).Q;
        point[0] = UncompressedPoint;
        q.X.CopyTo(point[1..]);
        q.Y.CopyTo(point[(1 + FieldSize)..]);
    }

    /// <summary>Reads an ECPrivateKey (RFC 5915, section 3).</summary>
    /// <param name="der">The encoding, and nothing after it.</param>
    /// <param name="scalar">Receives the scalar, not yet checked, a part of <paramref name="der"/>.</param>
    /// <param name="point">Receives the public key, if one is attached.</param>
    /// <returns>Whether the encoding is well-formed and its curve, if named, is P-256.</returns>
    internal static bool TryReadEcPrivateKey(ReadOnlySpan<byte> der, out ReadOnlySpan<byte> scalar, out ReadOnlySpan<byte> point)
    {
        scalar = default;
        point = default;
        try
        {
            DerReader outer = new(der);
            DerReader key = outer.ReadSequence();
            if (!outer.IsAtEnd || !key.TryReadInt32(out int version) || version != EcPrivateKeyVersion)
            {
                return false;
            }

            scalar = key.ReadOctetString();
            if (key.StartsWith(s_parameters))
            {
                DerReader parameters = key.ReadConstructed(s_parameters);
                if (!parameters.ReadEncodedValue().SequenceEqual(NamedCurve) || !parameters.IsAtEnd)
                {
                    return false;
                }
            }

            if (key.StartsWith(s_publicKey))
            {
                DerReader attached = key.ReadConstructed(s_publicKey);
                point = attached.ReadBitString();
                if (!attached.IsAtEnd || point.IsEmpty)
                {
                    return false;
                }
            }

            return key.IsAtEnd && scalar.Length == FieldSize;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static ECPoint Coordinates(ReadOnlySpan<byte> point) => new()
    {
        X = point.Slice(1, FieldSize).ToArray(),
        Y = point[(1 + FieldSize)..].ToArray(),
    };
}

using System.Buffers.Text;
using System.Formats.Asn1;

namespace RonKms.Algorithms;

/// <summary>The standard forms of Ed25519 and X25519 keys: RFC 8410 (X.509, PKCS#8) and RFC 8037 (JWK).</summary>
internal static class Rfc8410
{
    /// <summary>The size of a seed, a scalar and a public key in bytes.</summary>
    internal const int KeySize = 32;

    /// <summary>The AlgorithmIdentifier of id-X25519, 1.3.101.110.</summary>
    internal static ReadOnlySpan<byte> X25519 => [0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x6E];

    /// <summary>The AlgorithmIdentifier of id-Ed25519, 1.3.101.112.</summary>
    internal static ReadOnlySpan<byte> Ed25519 => [0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70];

    /// <summary>Encodes a public key as SubjectPublicKeyInfo.</summary>
    /// <param name="algorithmIdentifier">The algorithm, encoded.</param>
    /// <param name="publicKey">The public key, 32 bytes.</param>
    /// <returns>44 bytes.</returns>
    internal static byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> algorithmIdentifier, ReadOnlySpan<byte> publicKey) =>
        [0x30, 0x2A, .. algorithmIdentifier, 0x03, 0x21, 0x00, .. publicKey];

    /// <summary>The members of a JWK of key type OKP.</summary>
    /// <param name="curve">The registered name of the curve.</param>
    /// <param name="publicKey">The public key.</param>
    /// <returns>kty, crv, x.</returns>
    internal static KeyValuePair<string, string>[] ExportJwk(string curve, ReadOnlySpan<byte> publicKey) =>
        [new("kty", "OKP"), new("crv", curve), new("x", Base64Url.EncodeToString(publicKey))];

    /// <summary>Reads a private key out of PKCS#8.</summary>
    /// <param name="algorithm">The algorithm, which recomputes the public key.</param>
    /// <param name="algorithmIdentifier">Its AlgorithmIdentifier.</param>
    /// <param name="pkcs8">The encoding.</param>
    /// <returns>The 32 bytes of the secret, or <see langword="null"/> where the encoding is malformed or its public key is another one.</returns>
    internal static SecretBytes? ImportPkcs8(Algorithm algorithm, ReadOnlySpan<byte> algorithmIdentifier, ReadOnlySpan<byte> pkcs8)
    {
        if (!Pkcs8.TryRead(pkcs8, algorithmIdentifier, out ReadOnlySpan<byte> privateKey, out ReadOnlySpan<byte> attached)
            || !TryReadCurvePrivateKey(privateKey, out ReadOnlySpan<byte> secret))
        {
            return null;
        }

        Span<byte> publicKey = stackalloc byte[KeySize];
        bool isConsistent = algorithm.TryGetPublicKey(secret, publicKey) && (attached.IsEmpty || attached.SequenceEqual(publicKey));
        return isConsistent ? SecretBytes.CopyOf(secret) : null;
    }

    // CurvePrivateKey ::= OCTET STRING, inside the octet string of PKCS#8.
    private static bool TryReadCurvePrivateKey(ReadOnlySpan<byte> der, out ReadOnlySpan<byte> secret)
    {
        secret = default;
        try
        {
            DerReader reader = new(der);
            secret = reader.ReadOctetString();
            return reader.IsAtEnd && secret.Length == KeySize;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}

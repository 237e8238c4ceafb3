using RonKms.Algorithms;
using RonKms.PostQuantum.KeyFormats;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>The standard forms of SLH-DSA keys: RFC 9909 (X.509, PKCS#8) and draft-ietf-cose-sphincs-plus (JWK).</summary>
internal static class Rfc9909
{
    /// <summary>Encodes a public key as SubjectPublicKeyInfo: section 4.</summary>
    /// <param name="p">The parameter set.</param>
    /// <param name="publicKey">The public key, 2n bytes.</param>
    /// <returns>The DER encoding, 2n + 18 bytes.</returns>
    internal static byte[] ExportSubjectPublicKeyInfo(SlhDsaParameters p, ReadOnlySpan<byte> publicKey) =>
        SubjectPublicKeyInfo.Export(AlgorithmIdentifier(p), publicKey);

    /// <summary>The members of a JWK of key type AKP.</summary>
    /// <param name="p">The parameter set.</param>
    /// <param name="publicKey">The public key.</param>
    /// <returns>kty, alg, pub.</returns>
    internal static KeyValuePair<string, string>[] ExportJwk(SlhDsaParameters p, ReadOnlySpan<byte> publicKey) =>
        AkpJwk.Export(p.Name, publicKey);

    /// <summary>Reads a private key out of PKCS#8: section 6. The octet string holds the 4n bytes as they are.</summary>
    /// <param name="algorithm">The algorithm, which computes the root again.</param>
    /// <param name="p">The parameter set.</param>
    /// <param name="pkcs8">The encoding.</param>
    /// <returns>The private key, or <see langword="null"/> where the encoding is malformed, or a root or an attached public key is another one.</returns>
    internal static SecretBytes? ImportPkcs8(Algorithm algorithm, SlhDsaParameters p, ReadOnlySpan<byte> pkcs8)
    {
        if (!Pkcs8.TryRead(pkcs8, AlgorithmIdentifier(p), out ReadOnlySpan<byte> secret, out ReadOnlySpan<byte> attached))
        {
            return null;
        }

        Span<byte> publicKey = stackalloc byte[2 * SlhDsaParameters.MaxN];
        publicKey = publicKey[..p.PublicKeySize];
        bool isConsistent = algorithm.TryGetPublicKey(secret, publicKey) && (attached.IsEmpty || attached.SequenceEqual(publicKey));
        return isConsistent ? SecretBytes.CopyOf(secret) : null;
    }

    private static byte[] AlgorithmIdentifier(SlhDsaParameters p) =>
        NistAlgorithmIdentifier.Encode(NistAlgorithmIdentifier.Signatures, p.OidEnd);
}

using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.KeyFormats;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The standard forms of ML-DSA keys: RFC 9881 (X.509, PKCS#8), and JSON Web Keys of the type AKP.</summary>
/// <remarks>Constant time: control flow depends on lengths and tags, and on whether two forms of a key agree.</remarks>
internal static class Rfc9881
{
    /// <summary>Encodes a public key as SubjectPublicKeyInfo: RFC 9881, section 4.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="publicKey">The raw public key.</param>
    /// <returns>The DER encoding.</returns>
    internal static byte[] ExportSubjectPublicKeyInfo(MLDsaParameters parameters, ReadOnlySpan<byte> publicKey) =>
        SubjectPublicKeyInfo.Export(parameters.AlgorithmIdentifier, publicKey);

    /// <summary>The members of a public JSON Web Key.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="publicKey">The raw public key.</param>
    /// <returns>kty, alg, pub.</returns>
    internal static KeyValuePair<string, string>[] ExportJwk(MLDsaParameters parameters, ReadOnlySpan<byte> publicKey) =>
        AkpJwk.Export(parameters.Name, publicKey);

    /// <summary>Reads the seed out of PKCS#8: RFC 9881, section 6. Of the form with both, only where they agree.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="pkcs8">The encoding.</param>
    /// <returns>The seed, or <see langword="null"/> where the encoding is malformed, inconsistent or of another algorithm.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.ImportRefused"/>: the expanded key is there without its seed.</exception>
    internal static SecretBytes? ImportPkcs8(MLDsaParameters parameters, ReadOnlySpan<byte> pkcs8)
    {
        if (!Pkcs8.TryRead(pkcs8, parameters.AlgorithmIdentifier, out ReadOnlySpan<byte> privateKey, out ReadOnlySpan<byte> attached)
            || !SeedPrivateKey.TryRead(privateKey, out ReadOnlySpan<byte> seed, out ReadOnlySpan<byte> expandedKey)
            || (!seed.IsEmpty && seed.Length != MLDsaParameters.SeedSize)
            || (!expandedKey.IsEmpty && expandedKey.Length != parameters.PrivateKeySize))
        {
            return null;
        }

        if (seed.IsEmpty)
        {
            throw ExpandedKeyRefusal.Create(parameters.Id);
        }

        return IsConsistent(parameters, seed, expandedKey, attached) ? SecretBytes.CopyOf(seed) : null;
    }

    private static bool IsConsistent(
        MLDsaParameters parameters, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> expandedKey, ReadOnlySpan<byte> attachedPublicKey)
    {
        using MLDsaPrivateKey key = new(parameters);
        Span<byte> publicKey = stackalloc byte[parameters.PublicKeySize];
        MLDsaInternal.KeyGen(seed, key, publicKey);
        if (!attachedPublicKey.IsEmpty && !attachedPublicKey.SequenceEqual(publicKey))
        {
            return false;
        }

        if (expandedKey.IsEmpty)
        {
            return true;
        }

        using SecretBytes encoded = SecretBytes.Allocate(parameters.PrivateKeySize);
        ExpandedPrivateKey.Encode(key, encoded.Reveal());
        return CryptographicOperations.FixedTimeEquals(encoded.Reveal(), expandedKey);
    }
}

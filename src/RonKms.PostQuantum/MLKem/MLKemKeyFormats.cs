using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.Keccak;
using RonKms.PostQuantum.KeyFormats;

namespace RonKms.PostQuantum.MLKem;

/// <summary>ML-KEM keys in standard clothes: RFC 9935 (X.509, PKCS#8) and draft-ietf-jose-pqc-kem (JWK). The same for every provider.</summary>
/// <remarks>Constant time: control flow depends on lengths and tags, and on whether a key is consistent.</remarks>
internal static class MLKemKeyFormats
{
    /// <summary>Encodes a public key as SubjectPublicKeyInfo.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="publicKey">The encapsulation key.</param>
    /// <returns>The DER encoding.</returns>
    internal static byte[] ExportSubjectPublicKeyInfo(MLKemParameters parameters, ReadOnlySpan<byte> publicKey) =>
        SubjectPublicKeyInfo.Export(AlgorithmIdentifier(parameters), publicKey);

    /// <summary>The members of a public key's JWK.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="publicKey">The encapsulation key.</param>
    /// <returns>kty, alg, pub.</returns>
    internal static IReadOnlyList<KeyValuePair<string, string>> ExportJwk(MLKemParameters parameters, ReadOnlySpan<byte> publicKey) =>
        AkpJwk.Export(parameters.Name, publicKey);

    /// <summary>Reads the seed out of PKCS#8.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="pkcs8">The encoding.</param>
    /// <returns>d ‖ z, or <see langword="null"/> where the encoding is malformed, or an expanded or public key in it is another one.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.ImportRefused"/>: there is only an expanded key.</exception>
    internal static SecretBytes? ImportPkcs8(MLKemParameters parameters, ReadOnlySpan<byte> pkcs8)
    {
        if (!Pkcs8.TryRead(pkcs8, AlgorithmIdentifier(parameters), out ReadOnlySpan<byte> privateKey, out ReadOnlySpan<byte> attached)
            || !SeedPrivateKey.TryRead(privateKey, out ReadOnlySpan<byte> seed, out ReadOnlySpan<byte> expandedKey))
        {
            return null;
        }

        if (seed.IsEmpty && expandedKey.Length == parameters.DecapsulationKeySize)
        {
            throw ExpandedKeyRefusal.Create(parameters.Id);
        }

        return seed.Length == MLKemParameters.SeedSize && IsConsistent(parameters, seed, expandedKey, attached) ? SecretBytes.CopyOf(seed) : null;
    }

    /// <summary>Expands a seed: dk of algorithm 16.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="seed">d ‖ z.</param>
    /// <param name="decapsulationKey">Receives dk_PKE ‖ ek ‖ H(ek) ‖ z; the caller wipes it.</param>
    internal static void Expand(MLKemParameters parameters, ReadOnlySpan<byte> seed, Span<byte> decapsulationKey)
    {
        Span<short> room = stackalloc short[EncapsulationKey.LargestRoom];
        Span<short> s = (stackalloc short[MLKemParameters.MostK * Polynomial.Size])[..(parameters.K * Polynomial.Size)];
        Span<byte> encoded = decapsulationKey.Slice(parameters.EncodedVectorSize, parameters.EncapsulationKeySize);
        Span<byte> hash = decapsulationKey.Slice(parameters.EncodedVectorSize + parameters.EncapsulationKeySize, MLKemParameters.SymbolSize);
        MLKemInternal.KeyGen(seed[..MLKemParameters.SymbolSize], new EncapsulationKey(parameters, room), encoded, s);
        Packing.Encode(s, decapsulationKey[..parameters.EncodedVectorSize]);
        Sha3.Hash256(encoded, hash);
        seed[MLKemParameters.SymbolSize..].CopyTo(decapsulationKey[^MLKemParameters.SymbolSize..]);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(s));
    }

    private static bool IsConsistent(
        MLKemParameters parameters, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> expandedKey, ReadOnlySpan<byte> attachedPublicKey)
    {
        using SecretBytes room = SecretBytes.Allocate(parameters.DecapsulationKeySize);
        Span<byte> expected = room.Reveal();
        Expand(parameters, seed, expected);
        bool isSameKey = expandedKey.IsEmpty || CryptographicOperations.FixedTimeEquals(expandedKey, expected);
        return isSameKey
            && (attachedPublicKey.IsEmpty
                || attachedPublicKey.SequenceEqual(expected.Slice(parameters.EncodedVectorSize, parameters.EncapsulationKeySize)));
    }

    private static byte[] AlgorithmIdentifier(MLKemParameters parameters) =>
        NistAlgorithmIdentifier.Encode(NistAlgorithmIdentifier.Kems, parameters.OidNumber);
}

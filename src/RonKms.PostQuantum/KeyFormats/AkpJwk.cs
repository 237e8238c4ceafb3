using System.Buffers.Text;

namespace RonKms.PostQuantum.KeyFormats;

/// <summary>JSON Web Keys of the type AKP, "algorithm key pair": draft-ietf-cose-dilithium for signatures, draft-ietf-jose-pqc-kem for ML-KEM.</summary>
internal static class AkpJwk
{
    /// <summary>The members of a public key.</summary>
    /// <param name="algorithm">The name of the algorithm, as "ML-KEM-768".</param>
    /// <param name="publicKey">The raw public key.</param>
    /// <returns>kty, alg, pub.</returns>
    internal static KeyValuePair<string, string>[] Export(string algorithm, ReadOnlySpan<byte> publicKey) =>
        [new("kty", "AKP"), new("alg", algorithm), new("pub", Base64Url.EncodeToString(publicKey))];
}

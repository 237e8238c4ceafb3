using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>A P-256 key in a token.</summary>
internal sealed class TokenP256Key(SignatureAlgorithm algorithm, TokenConnection token, TokenObject key) : TokenSigningKey(algorithm, token, key)
{
    private const int SignatureSize = 2 * P256.FieldSize;

    /// <inheritdoc/>
    protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, digest);
        if (options?.EcdsaEncoding != EcdsaEncoding.Der)
        {
            return SignInToken(CK.CKM_ECDSA, digest, destination[..SignatureSize]);
        }

        Span<byte> signature = stackalloc byte[SignatureSize];
        SignInToken(CK.CKM_ECDSA, digest, signature);
        return EcdsaDer.Encode(signature, destination);
    }
}

using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>An ML-DSA key in a token. Signatures are verified: a token that passed over the context would sign something else than was asked for.</summary>
internal sealed class TokenMLDsaKey(SignatureAlgorithm algorithm, TokenConnection token, TokenObject key, byte[] publicKey)
    : TokenVerifiedSigningKey(algorithm, token, key, publicKey)
{
    /// <inheritdoc/>
    private protected override int SignUnverified(ReadOnlySpan<byte> message, Span<byte> signature, SignOptions? options) =>
        SignInToken(CK.CKM_ML_DSA, message, signature, options is null ? default : options.Context.Span);
}

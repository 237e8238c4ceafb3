using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>An Ed25519 key in a token.</summary>
internal sealed class TokenEd25519Key(SignatureAlgorithm algorithm, TokenConnection token, TokenObject key) : TokenSigningKey(algorithm, token, key)
{
    private const int SignatureSize = 64;

    /// <inheritdoc/>
    protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options) =>
        SignInToken(CK.CKM_EDDSA, message, destination[..SignatureSize]);
}

using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>A signing key in a token whose signatures are given out only after they were verified, which takes a small part of the time of making one.</summary>
internal abstract class TokenVerifiedSigningKey(SignatureAlgorithm algorithm, TokenConnection token, TokenObject key, byte[] publicKey)
    : TokenSigningKey(algorithm, token, key)
{
    /// <inheritdoc/>
    protected sealed override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
    {
        Span<byte> signature = destination[..Algorithm.MaxSignatureSize];
        int epoch = Token.Epoch;
        if (!IsSigned(message, signature, options))
        {
            // The handle may have become another key's.
            Token.Recover(epoch);
            if (!IsSigned(message, signature, options))
            {
                CryptographicOperations.ZeroMemory(signature);
                throw new KmsException(
                    KmsError.TokenUnavailable, $"{Token} made a signature that does not verify under the key's public key, twice. It was not given out. Try again; if it stays so, ask the token's maker.");
            }
        }

        return signature.Length;
    }

    /// <summary>Has the token sign.</summary>
    /// <returns>The size of the signature.</returns>
    private protected abstract int SignUnverified(ReadOnlySpan<byte> message, Span<byte> signature, SignOptions? options);

    private bool IsSigned(ReadOnlySpan<byte> message, Span<byte> signature, SignOptions? options)
    {
        int size = SignUnverified(message, signature, options);
        return Algorithm.Verify(publicKey, message, signature[..size], options);
    }
}

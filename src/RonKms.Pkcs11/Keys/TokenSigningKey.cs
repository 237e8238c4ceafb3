using System.Runtime.InteropServices;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>A signing key in a token: an object to name in C_SignInit. Holds no secret.</summary>
internal abstract class TokenSigningKey(SignatureAlgorithm algorithm, TokenConnection token, TokenObject key) : SigningKey(algorithm)
{
    /// <summary>The token that the key is in.</summary>
    private protected TokenConnection Token => token;

    /// <summary>Signs.</summary>
    /// <param name="mechanism">The mechanism; those of RSA-PSS get their parameter here.</param>
    /// <param name="data">What it takes.</param>
    /// <param name="signature">Receives the signature, of exactly its size: some modules refuse more room.</param>
    /// <param name="context">The context string of an ML-DSA signature.</param>
    /// <returns>The size of the signature.</returns>
    private protected int SignInToken(uint mechanism, ReadOnlySpan<byte> data, Span<byte> signature, ReadOnlySpan<byte> context = default)
    {
        int written = token.Do(new Signing(key, mechanism, data, signature, context), SignInSession);
        return written == signature.Length
            ? written
            : throw new KmsException(KmsError.TokenUnavailable, $"{token} gave a signature of {written} bytes where {Algorithm.Id} has {signature.Length}. Ask its maker.");
    }

    /// <inheritdoc/>
    protected override void Wipe()
    {
    }

    private static unsafe int SignInSession(Cryptoki functions, CULong session, scoped Signing signing)
    {
        CK_RSA_PKCS_PSS_PARAMS pss = new() { hashAlg = new CULong(CK.CKM_SHA256), mgf = new CULong(CK.CKG_MGF1_SHA256), sLen = new CULong(32) };
        CK_MECHANISM mechanism = new() { mechanism = new CULong(signing.Mechanism) };
        fixed (byte* context = signing.Context)
        {
            CK_SIGN_ADDITIONAL_CONTEXT additional = new()
            {
                hedgeVariant = new CULong(CK.CKH_HEDGE_PREFERRED),
                pContext = context,
                ulContextLen = new CULong((uint)signing.Context.Length),
            };
            if (signing.Mechanism is CK.CKM_RSA_PKCS_PSS or CK.CKM_SHA256_RSA_PKCS_PSS)
            {
                mechanism.pParameter = &pss;
                mechanism.ulParameterLen = new CULong((uint)sizeof(CK_RSA_PKCS_PSS_PARAMS));
            }
            else if (signing.Context.Length > 0)
            {
                mechanism.pParameter = &additional;
                mechanism.ulParameterLen = new CULong((uint)sizeof(CK_SIGN_ADDITIONAL_CONTEXT));
            }

            functions.C_SignInit(session, mechanism, signing.Key.HandleIn(functions, session));
            return functions.C_Sign(session, signing.Data, signing.Signature);
        }
    }

    private readonly ref struct Signing(TokenObject key, uint mechanism, ReadOnlySpan<byte> data, Span<byte> signature, ReadOnlySpan<byte> context)
    {
        internal TokenObject Key { get; } = key;

        internal uint Mechanism { get; } = mechanism;

        internal ReadOnlySpan<byte> Data { get; } = data;

        internal Span<byte> Signature { get; } = signature;

        internal ReadOnlySpan<byte> Context { get; } = context;
    }
}

using System.Runtime.InteropServices;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>ML-DSA in a token: CKM_ML_DSA over the message, with CK_SIGN_ADDITIONAL_CONTEXT where there is a context. Source: PKCS#11 3.2, ML-DSA.</summary>
internal sealed class TokenMLDsa(KeyAlgorithm id, uint parameterSet) : TokenModuleLattice(parameterSet)
{
    internal override KeyAlgorithm Id => id;

    private protected override uint KeyType => CK.CKK_ML_DSA;

    private protected override uint GenerationMechanism => CK.CKM_ML_DSA_KEY_PAIR_GEN;

    internal override bool IsOfferedBy(TokenConnection token) => Has(token, CK.CKM_ML_DSA, CK.CKF_SIGN);

    internal override bool Works(Cryptoki functions, CULong session, CULong key, Algorithm implementation, ReadOnlySpan<byte> publicKey) =>
        SignsFor(functions, session, key, CK.CKM_ML_DSA, signsDigest: false, (SignatureAlgorithm)implementation, publicKey);

    internal override OpenedKey Open(TokenConnection token, TokenObject key, Algorithm implementation, ReadOnlySpan<byte> publicKey) =>
        new TokenMLDsaKey((SignatureAlgorithm)implementation, token, key, publicKey.ToArray());
}

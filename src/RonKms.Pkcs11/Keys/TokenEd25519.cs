using System.Runtime.InteropServices;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>Ed25519 in a token: CKM_EDDSA without parameters, which is the pure form. Source: PKCS#11 3.1, section 6.3.</summary>
internal sealed class TokenEd25519 : TokenEllipticCurve
{
    // The object identifier 1.3.101.112, and the name that PKCS#11 3.0 allows as well.
    private static readonly byte[][] s_names = [[0x06, 0x03, 0x2B, 0x65, 0x70], [0x13, 0x0C, .. "edwards25519"u8]];

    internal override KeyAlgorithm Id => KeyAlgorithm.Ed25519;

    private protected override byte[][] CurveNames => s_names;

    private protected override uint KeyType => CK.CKK_EC_EDWARDS;

    private protected override uint GenerationMechanism => CK.CKM_EC_EDWARDS_KEY_PAIR_GEN;

    internal override bool IsOfferedBy(TokenConnection token) =>
        Has(token, CK.CKM_EC_EDWARDS_KEY_PAIR_GEN, CK.CKF_GENERATE_KEY_PAIR) && Has(token, CK.CKM_EDDSA, CK.CKF_SIGN);

    internal override bool Works(Cryptoki functions, CULong session, CULong key, Algorithm implementation, ReadOnlySpan<byte> publicKey) =>
        SignsFor(functions, session, key, CK.CKM_EDDSA, signsDigest: false, (SignatureAlgorithm)implementation, publicKey);

    internal override OpenedKey Open(TokenConnection token, TokenObject key, Algorithm implementation, ReadOnlySpan<byte> publicKey) =>
        new TokenEd25519Key((SignatureAlgorithm)implementation, token, key);
}

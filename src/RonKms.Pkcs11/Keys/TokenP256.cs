using System.Runtime.InteropServices;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>ECDSA on P-256 in a token: CKM_ECDSA over a SHA-256 digest made here. Source: PKCS#11 3.1, section 6.3.</summary>
internal sealed class TokenP256 : TokenEllipticCurve
{
    // The object identifier 1.2.840.10045.3.1.7.
    private static readonly byte[][] s_names = [[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]];

    internal override KeyAlgorithm Id => KeyAlgorithm.P256;

    private protected override byte[][] CurveNames => s_names;

    private protected override uint KeyType => CK.CKK_EC;

    private protected override uint GenerationMechanism => CK.CKM_EC_KEY_PAIR_GEN;

    internal override bool IsOfferedBy(TokenConnection token) =>
        Has(token, CK.CKM_EC_KEY_PAIR_GEN, CK.CKF_GENERATE_KEY_PAIR, 256) && Has(token, CK.CKM_ECDSA, CK.CKF_SIGN, 256);

    internal override bool Works(Cryptoki functions, CULong session, CULong key, Algorithm implementation, ReadOnlySpan<byte> publicKey) =>
        SignsFor(functions, session, key, CK.CKM_ECDSA, signsDigest: true, (SignatureAlgorithm)implementation, publicKey);

    internal override OpenedKey Open(TokenConnection token, TokenObject key, Algorithm implementation, ReadOnlySpan<byte> publicKey) =>
        new TokenP256Key((SignatureAlgorithm)implementation, token, key);
}

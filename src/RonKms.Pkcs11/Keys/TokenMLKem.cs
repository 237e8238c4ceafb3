using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>ML-KEM in a token: CKM_ML_KEM by C_DecapsulateKey. Encapsulation needs the public key alone and runs here. Source: PKCS#11 3.2, ML-KEM.</summary>
internal sealed class TokenMLKem(KeyAlgorithm id, uint parameterSet) : TokenModuleLattice(parameterSet)
{
    internal override KeyAlgorithm Id => id;

    private protected override bool Signs => false;

    private protected override uint KeyType => CK.CKK_ML_KEM;

    private protected override uint GenerationMechanism => CK.CKM_ML_KEM_KEY_PAIR_GEN;

    internal override bool IsOfferedBy(TokenConnection token) => token.HasDecapsulation && Has(token, CK.CKM_ML_KEM, CK.CKF_DECAPSULATE);

    internal override bool Works(Cryptoki functions, CULong session, CULong key, Algorithm implementation, ReadOnlySpan<byte> publicKey)
    {
        KemAlgorithm algorithm = (KemAlgorithm)implementation;
        byte[] ciphertext = new byte[algorithm.CiphertextSize];
        using SecretBytes sent = SecretBytes.Allocate(algorithm.SharedSecretSize);
        using SecretBytes received = SecretBytes.Allocate(algorithm.SharedSecretSize);
        algorithm.Encapsulate(publicKey, ciphertext, sent.Reveal());
        return TokenMLKemKey.Decapsulate(functions, session, key, ciphertext, received.Reveal()) == sent.Length
            && CryptographicOperations.FixedTimeEquals(sent.Reveal(), received.Reveal());
    }

    internal override OpenedKey Open(TokenConnection token, TokenObject key, Algorithm implementation, ReadOnlySpan<byte> publicKey) =>
        new TokenMLKemKey((KemAlgorithm)implementation, token, key);
}

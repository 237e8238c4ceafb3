using System.Runtime.InteropServices;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>AES-256 keys of envelopes in a token. Source: PKCS#11 3.1, sections 6.12 and 6.13.</summary>
internal sealed class TokenAes256 : TokenAlgorithm
{
    internal override KeyAlgorithm Id => KeyAlgorithm.Aes256Gcm;

    internal override uint SecretClass => CK.CKO_SECRET_KEY;

    internal override bool IsOfferedBy(TokenConnection token) => Has(token, CK.CKM_AES_KEY_GEN, CK.CKF_GENERATE) && Has(token, CK.CKM_AES_ECB, CK.CKF_ENCRYPT);

    internal override void Generate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id)
    {
        try
        {
            Generate(functions, session, id, TokenForm.Narrow);
        }
        catch (CryptokiException e) when (TokenFault.IsRefusal(e))
        {
            Generate(functions, session, id, TokenForm.Plain);
        }
    }

    internal override void Import(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey)
    {
        try
        {
            Import(functions, session, id, secret, TokenForm.Narrow);
        }
        catch (CryptokiException e) when (TokenFault.IsRefusal(e))
        {
            Import(functions, session, id, secret, TokenForm.Plain);
        }
    }

    internal override byte[] ReadPublicKey(Cryptoki functions, CULong session, ReadOnlySpan<byte> id) => [];

    /// <summary>One block, encrypted: not the one of zeros, of which the key derivation makes K1, and one of those that it hides with K1, which nobody
    /// knows, with a probability of 2^-128 alone.</summary>
    internal override byte[] ComputeCheck(Cryptoki functions, CULong session, CULong key)
    {
        byte[] check = new byte[TokenHandle.CheckSize];
        functions.C_EncryptInit(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_AES_ECB) }, key);
        return functions.C_Encrypt(session, "RonKms/check/v1\0"u8, check) == check.Length
            ? check
            : throw new KmsException(KmsError.TokenUnavailable, "The token did not encrypt one block of AES to one block. Ask its maker.");
    }

    internal override string? Fault(Cryptoki functions, CULong session, CULong key) => base.Fault(functions, session, key)
        ?? (TokenKeyAttributes.IsAes256(functions, session, key) ? null : "type is not AES with 256 bits");

    internal override OpenedKey Open(TokenConnection token, TokenObject key, Algorithm implementation, ReadOnlySpan<byte> publicKey) =>
        new TokenXAes256GcmKey((AeadAlgorithm)implementation, token, key);

    private void Generate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, TokenForm form)
    {
        using AttributeTemplate template = Encrypts(id, form).AddNumber(CK.CKA_VALUE_LEN, 32);
        functions.C_GenerateKey(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_AES_KEY_GEN) }, template);
    }

    private void Import(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, TokenForm form)
    {
        using AttributeTemplate template = Encrypts(id, form)
            .AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_AES).Add(CK.CKA_VALUE, secret);
        functions.C_CreateObject(session, template);
    }

    // Blocks of the key derivation are only ever encrypted.
    private AttributeTemplate Encrypts(ReadOnlySpan<byte> id, TokenForm form)
    {
        AttributeTemplate template = Kept(id, form)
            .Add(CK.CKA_ENCRYPT, true)
            .Add(CK.CKA_DECRYPT, false)
            .Add(CK.CKA_WRAP, false)
            .Add(CK.CKA_UNWRAP, false)
            .Add(CK.CKA_DERIVE, false);
        return form == TokenForm.Narrow ? template.Add(CK.CKA_SIGN, false).Add(CK.CKA_VERIFY, false) : template;
    }
}

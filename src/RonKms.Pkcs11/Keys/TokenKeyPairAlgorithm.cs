using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>Key pairs that sign or decapsulate: a private object that never leaves, and a public one of the same CKA_ID beside it.</summary>
internal abstract class TokenKeyPairAlgorithm : TokenAlgorithm
{
    private static readonly TokenForm[] s_pairForms = [TokenForm.Hidden | TokenForm.Narrow, TokenForm.Hidden, TokenForm.Narrow, TokenForm.Plain];

    /// <summary>What the message of every trial signature begins with: nobody else's does.</summary>
    internal static ReadOnlySpan<byte> ProbePrefix => "RonKms/pkcs11/probe/v1\0"u8;

    internal override uint SecretClass => CK.CKO_PRIVATE_KEY;

    internal sealed override void Generate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                Generate(functions, session, id, s_pairForms[i]);
                return;
            }
            catch (CryptokiException e) when (i + 1 < s_pairForms.Length && TokenFault.IsRefusal(e))
            {
                // Less: some tokens keep no private object of a public key. What was refused for another reason is refused again.
            }
        }
    }

    internal sealed override void Import(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                ImportPublic(functions, session, id, publicKey, s_pairForms[i]);
                break;
            }
            catch (CryptokiException e) when (i + 1 < s_pairForms.Length && TokenFault.IsRefusal(e))
            {
                // Less.
            }
        }

        try
        {
            ImportPrivate(functions, session, id, secret, TokenForm.Narrow);
        }
        catch (CryptokiException e) when (TokenFault.IsRefusal(e))
        {
            ImportPrivate(functions, session, id, secret, TokenForm.Plain);
        }
    }

    /// <summary>Makes a pair.</summary>
    /// <param name="functions">The module.</param>
    /// <param name="session">A session.</param>
    /// <param name="id">The CKA_ID of both.</param>
    /// <param name="form">What is asked of them.</param>
    private protected abstract void Generate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, TokenForm form);

    private protected abstract void ImportPrivate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, TokenForm form);

    private protected abstract void ImportPublic(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> publicKey, TokenForm form);

    /// <summary>Whether the keys sign; the others decapsulate.</summary>
    private protected virtual bool Signs => true;

    /// <summary>Whether an object signs for a public key.</summary>
    /// <param name="functions">The module.</param>
    /// <param name="session">A session.</param>
    /// <param name="key">The private object.</param>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="signsDigest">Whether it takes the SHA-256 digest of the message.</param>
    /// <param name="algorithm">The algorithm here.</param>
    /// <param name="publicKey">The public key.</param>
    private protected static bool SignsFor(
        Cryptoki functions, CULong session, CULong key, uint mechanism, bool signsDigest, SignatureAlgorithm algorithm, ReadOnlySpan<byte> publicKey)
    {
        byte[] message = new byte[ProbePrefix.Length + 32];
        ProbePrefix.CopyTo(message);
        Entropy.Fill(message.AsSpan(ProbePrefix.Length));
        byte[] signature = new byte[algorithm.MaxSignatureSize];
        functions.C_SignInit(session, new CK_MECHANISM { mechanism = new CULong(mechanism) }, key);
        int size = functions.C_Sign(session, signsDigest ? SHA256.HashData(message) : message, signature);
        return algorithm.Verify(publicKey, message, signature.AsSpan(0, size));
    }

    /// <summary>The private template: signs or decapsulates, and does nothing else.</summary>
    private protected AttributeTemplate Private(ReadOnlySpan<byte> id, TokenForm form, int size = 512)
    {
        AttributeTemplate template = Kept(id, form, size)
            .Add(CK.CKA_SIGN, Signs)
            .Add(CK.CKA_SIGN_RECOVER, false)
            .Add(CK.CKA_DECRYPT, false)
            .Add(CK.CKA_UNWRAP, false)
            .Add(CK.CKA_DERIVE, false);

        // Modules before version 3.2 do not know the attribute.
        return Signs ? template : template.Add(CK.CKA_DECAPSULATE, true);
    }

    /// <summary>The public template.</summary>
    private protected AttributeTemplate Public(ReadOnlySpan<byte> id, TokenForm form, int size = 4096)
    {
        AttributeTemplate template = new(size);
        if (form.HasFlag(TokenForm.Narrow))
        {
            template.Add(CK.CKA_ENCRYPT, false).Add(CK.CKA_VERIFY_RECOVER, false).Add(CK.CKA_WRAP, false).Add(CK.CKA_DERIVE, false);
        }

        return template.Add(CK.CKA_TOKEN, true)
            .Add(CK.CKA_PRIVATE, form.HasFlag(TokenForm.Hidden))
            .Add(Signs ? CK.CKA_VERIFY : CK.CKA_ENCAPSULATE, true)
            .Add(CK.CKA_ID, id)
            .Add(CK.CKA_LABEL, Label);
    }

    /// <summary>Reads an attribute of the one object of a class and CKA_ID.</summary>
    private protected static byte[]? Read(Cryptoki functions, CULong session, uint objectClass, ReadOnlySpan<byte> id, uint attribute)
    {
        if (TokenObject.Find(functions, session, objectClass, id) is not [CULong found])
        {
            return null;
        }

        Span<byte> value = stackalloc byte[4096];
        return value[..functions.C_GetAttributeValue(session, found, attribute, value)].ToArray();
    }
}

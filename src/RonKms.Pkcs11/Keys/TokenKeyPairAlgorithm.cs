using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Keys;

/// <summary>Key pairs that sign or decapsulate: a private object that never leaves, and a public one of the same CKA_ID beside it.</summary>
internal abstract class TokenKeyPairAlgorithm : TokenAlgorithm
{
    internal override uint SecretClass => CK.CKO_PRIVATE_KEY;

    internal sealed override void Generate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id)
    {
        try
        {
            Generate(functions, session, id, isHidden: true);
        }
        catch (CryptokiException e) when (TokenFault.IsRefusal(e))
        {
            // Some tokens keep no private object of a public key. What was refused for another reason is refused again.
            Generate(functions, session, id, isHidden: false);
        }
    }

    internal sealed override void Import(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey)
    {
        try
        {
            ImportPublic(functions, session, id, publicKey, isHidden: true);
        }
        catch (CryptokiException e) when (TokenFault.IsRefusal(e))
        {
            ImportPublic(functions, session, id, publicKey, isHidden: false);
        }

        ImportPrivate(functions, session, id, secret);
    }

    /// <summary>Makes a pair.</summary>
    /// <param name="functions">The module.</param>
    /// <param name="session">A session.</param>
    /// <param name="id">The CKA_ID of both.</param>
    /// <param name="isHidden">Whether the public object is a private one, so that nobody deletes, exchanges or doubles it without the PIN.</param>
    private protected abstract void Generate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, bool isHidden);

    private protected abstract void ImportPrivate(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret);

    private protected abstract void ImportPublic(Cryptoki functions, CULong session, ReadOnlySpan<byte> id, ReadOnlySpan<byte> publicKey, bool isHidden);

    /// <summary>Whether the keys sign; the others decapsulate.</summary>
    private protected virtual bool Signs => true;

    /// <summary>The private template: signs or decapsulates, and does nothing else.</summary>
    private protected AttributeTemplate Private(ReadOnlySpan<byte> id, int size = 512)
    {
        AttributeTemplate template = Kept(id, size)
            .Add(CK.CKA_SIGN, Signs)
            .Add(CK.CKA_SIGN_RECOVER, false)
            .Add(CK.CKA_DECRYPT, false)
            .Add(CK.CKA_UNWRAP, false)
            .Add(CK.CKA_DERIVE, false);

        // Modules before version 3.2 do not know the attribute.
        return Signs ? template : template.Add(CK.CKA_DECAPSULATE, true);
    }

    /// <summary>The public template.</summary>
    private protected AttributeTemplate Public(ReadOnlySpan<byte> id, bool isHidden, int size = 4096)
    {
        AttributeTemplate template = new(size);
        return template.Add(CK.CKA_TOKEN, true)
            .Add(CK.CKA_PRIVATE, isHidden)
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

using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Keys;

/// <summary>Key pairs that sign: a private object that never leaves, and a public one of the same CKA_ID beside it.</summary>
internal abstract class TokenKeyPairAlgorithm : TokenAlgorithm
{
    internal override uint SecretClass => CK.CKO_PRIVATE_KEY;

    /// <summary>The private template: signs, and does nothing else.</summary>
    private protected AttributeTemplate Private(ReadOnlySpan<byte> id, int size = 512) => Kept(id, size)
        .Add(CK.CKA_SIGN, true)
        .Add(CK.CKA_SIGN_RECOVER, false)
        .Add(CK.CKA_DECRYPT, false)
        .Add(CK.CKA_UNWRAP, false)
        .Add(CK.CKA_DERIVE, false);

    /// <summary>The public template.</summary>
    private protected AttributeTemplate Public(ReadOnlySpan<byte> id, int size = 2048)
    {
        AttributeTemplate template = new(size);
        return template.Add(CK.CKA_TOKEN, true)
            .Add(CK.CKA_PRIVATE, false)
            .Add(CK.CKA_VERIFY, true)
            .Add(CK.CKA_ID, id)
            .Add(CK.CKA_LABEL, Label);
    }

    /// <summary>Reads an attribute of the one object of a class and CKA_ID.</summary>
    private protected static byte[]? Read(Cryptoki functions, CULong session, uint objectClass, ReadOnlySpan<byte> id, uint attribute)
    {
        if (Tokens.TokenObject.Find(functions, session, objectClass, id) is not [CULong found])
        {
            return null;
        }

        Span<byte> value = stackalloc byte[1024];
        return value[..functions.C_GetAttributeValue(session, found, attribute, value)].ToArray();
    }
}

using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>An object of a token, known by its class and CKA_ID. Its handle is looked up when it is first used, and again after a new login,
/// or each time where the token does not let it be known whether handles still mean the same.</summary>
/// <param name="token">The token.</param>
/// <param name="objectClass">The object's class.</param>
/// <param name="id">Its CKA_ID.</param>
/// <param name="require">Refuses an object that is not the one that is meant. Whoever has the PIN can put another one in its place at any time, so
/// each one that was looked up is looked at before it is used, and not again as long as it is known to be the same.</param>
internal sealed class TokenObject(TokenConnection token, uint objectClass, ReadOnlyMemory<byte> id, Action<Cryptoki, CULong, CULong> require)
{
    /// <summary>How many objects are found at most, unless it is said otherwise.</summary>
    internal const int MostFound = 8;

    private volatile Found? _found;

    /// <summary>The object's handle.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>: the token does not hold it. Or as it is refused.</exception>
    internal CULong HandleIn(Cryptoki functions, CULong session)
    {
        int epoch = token.Epoch;
        Found? found = _found;
        if (found is null || found.Epoch != epoch || !token.KeepsHandles)
        {
            CULong[] handles = Find(functions, session, objectClass, id.Span);
            Found anew = handles.Length == 1 ? new Found(epoch, handles[0]) : throw new KmsException(
                KmsError.TokenUnavailable,
                $"{token} holds {handles.Length} objects of class {objectClass} with CKA_ID {Convert.ToHexStringLower(id.Span)}, and one is expected. Check that it is the right token, and whether somebody deleted or copied the object.");
            if (anew != found)
            {
                require(functions, session, anew.Handle);
            }

            _found = found = anew;
        }

        return found.Handle;
    }

    /// <summary>All private objects of a class with a CKA_ID: anybody can put a public one there, without the PIN. Only of a public key that has no
    /// private one the public ones count: some tokens keep no other, and earlier versions made no other.</summary>
    internal static CULong[] Find(Cryptoki functions, CULong session, uint objectClass, ReadOnlySpan<byte> id)
    {
        CULong[] found = Find(functions, session, objectClass, id, isPrivate: true);
        return found.Length == 0 && objectClass == CK.CKO_PUBLIC_KEY ? Find(functions, session, objectClass, id, isPrivate: false) : found;
    }

    /// <summary>All objects that a template fits, up to a number.</summary>
    internal static CULong[] Find(Cryptoki functions, CULong session, AttributeTemplate template, int most = MostFound)
    {
        CULong[] found = new CULong[most];
        int count = functions.FindObjects(session, template, found);

        if (count == 0)
        {
            // Where somebody logged the user out, private objects only seem not to be there.
            CK_SESSION_INFO info = functions.C_GetSessionInfo(session);
            if (info.state.Value != CK.CKS_RW_USER_FUNCTIONS)
            {
                throw new CryptokiException(CKR.CKR_USER_NOT_LOGGED_IN, "C_FindObjects");
            }

            // And where the token is away, some modules find nothing and say that all is well; of the token itself they do not say so.
            _ = functions.C_GetTokenInfo(info.slotID);
        }

        return found[..count];
    }

    /// <summary>Reads an attribute that is true or false.</summary>
    /// <exception cref="CryptokiException">Among others: what the token says is neither.</exception>
    internal static bool Is(Cryptoki functions, CULong session, CULong target, uint attribute)
    {
        Span<byte> value = [0];
        return functions.C_GetAttributeValue(session, target, attribute, value) == 1 && value[0] <= 1
            ? value[0] == 1
            : throw new CryptokiException(CKR.CKR_GENERAL_ERROR, nameof(Cryptoki.C_GetAttributeValue));
    }

    private static CULong[] Find(Cryptoki functions, CULong session, uint objectClass, ReadOnlySpan<byte> id, bool isPrivate)
    {
        using AttributeTemplate template = new();
        return Find(functions, session, template.AddNumber(CK.CKA_CLASS, objectClass).Add(CK.CKA_ID, id).Add(CK.CKA_PRIVATE, isPrivate));
    }

    private sealed record Found(int Epoch, CULong Handle);
}

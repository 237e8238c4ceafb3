using System.Runtime.InteropServices;
using System.Text;
using RonKms.Custody;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>A rollback anchor in a token: one private data object a store, whose value is the head in canonical JSON.</summary>
/// <remarks>
/// Threads of this process take turns. PKCS#11 has no turn between processes: two that write to copies of one store at the same moment may both
/// succeed here, and the next write of one of them, or its next opening, finds out. Source: docs/formats/ronk-v1.md, section 4.
/// </remarks>
internal sealed class TokenAnchor(Pkcs11Token token) : IRollbackAnchor
{
    // One head is about 250 bytes; what is longer is none.
    private const int MaxLength = 1024;

    private static readonly Lock s_turn = new();

    /// <inheritdoc/>
    public string Kind => "token";

    /// <inheritdoc/>
    public AnchorHead? Read(Guid store) => token.Connection.Do(store, static (functions, session, wanted) => Find(functions, session, wanted)?.Head);

    /// <inheritdoc/>
    public bool TryAdvance(AnchorHead? expected, AnchorHead replacement)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        return token.Connection.Do(new Advance(expected, replacement), static (functions, session, advance) =>
        {
            lock (s_turn)
            {
                return advance.IsDone(functions, session);
            }
        });
    }

    private static byte[] LabelOf(Guid store) => Encoding.ASCII.GetBytes("ronkms-anchor " + store.ToString("D"));

    private static (CULong Handle, AnchorHead Head)? Find(Cryptoki functions, CULong session, Guid store)
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_DATA).Add(CK.CKA_LABEL, LabelOf(store));
        CULong[] found = TokenObject.Find(functions, session, template);
        if (found.Length == 0)
        {
            return null;
        }

        Span<byte> json = stackalloc byte[MaxLength];
        return found.Length == 1 && AnchorJson.Read(json[..functions.C_GetAttributeValue(session, found[0], CK.CKA_VALUE, json)]) is { } head && head.StoreId == store
            ? (found[0], head)
            : throw new KmsException(
                KmsError.Rollback, $"The token's anchor of the store {store:D} is damaged, or there are several. Nothing was changed. docs/runbooks/rollback.md goes on.");
    }

    /// <summary>One step of an anchor. Done twice where the session was lost, and then what the first time wrote is not somebody else's.</summary>
    private sealed class Advance(AnchorHead? expected, AnchorHead replacement)
    {
        private bool _isBegun;

        internal bool IsDone(Cryptoki functions, CULong session)
        {
            (CULong Handle, AnchorHead Head)? found = Find(functions, session, replacement.StoreId);
            if (_isBegun && found?.Head == replacement)
            {
                return true;
            }

            if (found?.Head != expected)
            {
                return false;
            }

            _isBegun = true;
            using AttributeTemplate template = new(MaxLength + 512);
            template.Add(CK.CKA_VALUE, AnchorJson.Write(replacement));
            if (found is { } known)
            {
                functions.C_SetAttributeValue(session, known.Handle, template);
                return true;
            }

            template.AddNumber(CK.CKA_CLASS, CK.CKO_DATA)
                .Add(CK.CKA_TOKEN, true)
                .Add(CK.CKA_PRIVATE, true)
                .Add(CK.CKA_MODIFIABLE, true)
                .Add(CK.CKA_APPLICATION, "RonKms"u8)
                .Add(CK.CKA_LABEL, LabelOf(replacement.StoreId));
            functions.C_CreateObject(session, template);
            return true;
        }
    }
}

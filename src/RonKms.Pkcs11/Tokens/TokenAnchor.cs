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
    public AnchorHead? Read(Guid store) => token.Connection.Do(store, static (functions, session, wanted) => Find(functions, session, wanted) is [var newest, ..] ? newest.Head : null);

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

    private static List<(CULong Handle, AnchorHead Head)> Find(Cryptoki functions, CULong session, Guid store)
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_DATA).Add(CK.CKA_LABEL, LabelOf(store));
        List<(CULong Handle, AnchorHead Head)> found = [];
        byte[] json = new byte[MaxLength];
        foreach (CULong handle in TokenObject.Find(functions, session, template))
        {
            int size = functions.C_GetAttributeValue(session, handle, CK.CKA_VALUE, json);
            found.Add(AnchorJson.Read(json.AsSpan(0, size)) is { } head && head.StoreId == store ? (handle, head) : throw Damaged(store));
        }

        // The newest first. Two of one line would be two stories.
        found.Sort(static (one, other) => other.Head.Seq.CompareTo(one.Head.Seq));
        return found.Count < 2 || found[0].Head.Seq != found[1].Head.Seq ? found : throw Damaged(store);
    }

    private static KmsException Damaged(Guid store) => new(
        KmsError.Rollback, $"The token's anchor of the store {store:D} is damaged, or there are several. Nothing was changed. docs/runbooks/rollback.md goes on.");

    /// <summary>One step of an anchor: the new object, then the end of the old one. A step that was cut short leaves both, and the newer one counts.</summary>
    /// <remarks>Done twice where the session was lost, and then what the first time wrote is not somebody else's.</remarks>
    private sealed class Advance(AnchorHead? expected, AnchorHead replacement)
    {
        private bool _isBegun;

        internal bool IsDone(Cryptoki functions, CULong session)
        {
            List<(CULong Handle, AnchorHead Head)> found = Find(functions, session, replacement.StoreId);
            AnchorHead? current = found.Count == 0 ? null : found[0].Head;
            bool isThere = current == replacement;
            if (current != expected && !(_isBegun && isThere))
            {
                return false;
            }

            _isBegun = true;
            if (!isThere)
            {
                using AttributeTemplate template = new(MaxLength + 512);
                template.AddNumber(CK.CKA_CLASS, CK.CKO_DATA)
                    .Add(CK.CKA_TOKEN, true)
                    .Add(CK.CKA_PRIVATE, true)
                    .Add(CK.CKA_APPLICATION, "RonKms"u8)
                    .Add(CK.CKA_LABEL, LabelOf(replacement.StoreId))
                    .Add(CK.CKA_VALUE, AnchorJson.Write(replacement));
                functions.C_CreateObject(session, template);
            }

            foreach ((CULong handle, _) in found.Skip(isThere ? 1 : 0))
            {
                functions.C_DestroyObject(session, handle);
            }

            return true;
        }
    }
}

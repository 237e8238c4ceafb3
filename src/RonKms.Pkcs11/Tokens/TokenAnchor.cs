using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using RonKms.Custody;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>A rollback anchor in a token: one private data object a store, whose value is the head in canonical JSON.</summary>
/// <remarks>
/// Threads of this process take turns at a token. PKCS#11 has no turn between processes: two that write to copies of one store at the same moment may both
/// succeed here, and the next write of one of them, or its next opening, finds out. Source: docs/formats/ronk-v1.md, section 4.
/// </remarks>
internal sealed class TokenAnchor(Func<TokenConnection> connection) : IRollbackAnchor
{
    // One head is about 250 bytes; what is longer is none.
    private const int MaxLength = 1024;

    private static readonly ConcurrentDictionary<TokenIdentity, Lock> s_turns = [];

    private static ReadOnlySpan<byte> Application => "RonKms"u8;

    /// <inheritdoc/>
    public string Kind => "token";

    /// <inheritdoc/>
    public AnchorHead? Read(Guid store) => connection().Do(store, static (functions, session, wanted) => Find(functions, session, wanted).Head);

    /// <inheritdoc/>
    public bool TryAdvance(AnchorHead? expected, AnchorHead replacement)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        TokenConnection token = connection();
        Lock turn = s_turns.GetOrAdd(token.Identity, static _ => new Lock());
        return token.Do((Turn: turn, Advance: new Advance(expected, replacement), Token: token), static (functions, session, asked) =>
        {
            if (!asked.Turn.TryEnter(TokenConnection.Patience))
            {
                throw new KmsException(
                    KmsError.Busy, $"Another anchor in {asked.Token} was being advanced for {TokenConnection.Patience.TotalSeconds} s. Nothing was changed. Try again.");
            }

            try
            {
                return asked.Advance.IsDone(functions, session);
            }
            finally
            {
                asked.Turn.Exit();
            }
        });
    }

    private static byte[] LabelOf(Guid store) => Encoding.ASCII.GetBytes("ronkms-anchor " + store.ToString("D"));

    /// <summary>What stands for objects that are none of ours, or two stories: no store vouches for it, and only a restore replaces it.</summary>
    private static AnchorHead Damaged(Guid store) => new(store, 0, string.Empty, string.Empty);

    /// <summary>Finds a store's objects, the newest first, and the head that counts.</summary>
    private static (CULong[] Objects, AnchorHead? Head) Find(Cryptoki functions, CULong session, Guid store)
    {
        // Only what is private: anybody can put a public object of the same name there, without the PIN.
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_DATA)
            .Add(CK.CKA_TOKEN, true)
            .Add(CK.CKA_PRIVATE, true)
            .Add(CK.CKA_APPLICATION, Application)
            .Add(CK.CKA_LABEL, LabelOf(store));
        (CULong Handle, AnchorHead Head)[] found =
        [
            .. TokenObject.Find(functions, session, template)
                .Select(handle => (Handle: handle, Head: Read(functions, session, handle, store)))
                .OrderByDescending(one => one.Head.Seq),
        ];

        // Two of one line would be two stories.
        bool isDamaged = found.Any(one => one.Head.Seq == 0) || (found.Length > 1 && found[0].Head.Seq == found[1].Head.Seq);
        return ([.. found.Select(one => one.Handle)], found is [] ? null : isDamaged ? Damaged(store) : found[0].Head);
    }

    private static AnchorHead Read(Cryptoki functions, CULong session, CULong handle, Guid store)
    {
        byte[] json = new byte[MaxLength];
        try
        {
            int size = functions.C_GetAttributeValue(session, handle, CK.CKA_VALUE, json);
            return AnchorJson.Read(json.AsSpan(0, size)) is { Seq: > 0 } head && head.StoreId == store ? head : Damaged(store);
        }
        catch (CryptokiException e) when (e.Code == CKR.CKR_BUFFER_TOO_SMALL)
        {
            return Damaged(store);
        }
    }

    /// <summary>One step of an anchor: the new object, then the end of the old one. A step that was cut short leaves both, and the newer one counts.</summary>
    /// <remarks>Done twice where the session was lost, and then what the first time wrote is not somebody else's.</remarks>
    private sealed class Advance(AnchorHead? expected, AnchorHead replacement)
    {
        private bool _isBegun;

        internal bool IsDone(Cryptoki functions, CULong session)
        {
            (CULong[] found, AnchorHead? current) = Find(functions, session, replacement.StoreId);
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
                    .Add(CK.CKA_APPLICATION, Application)
                    .Add(CK.CKA_LABEL, LabelOf(replacement.StoreId))
                    .Add(CK.CKA_VALUE, AnchorJson.Write(replacement));
                functions.C_CreateObject(session, template);
            }

            foreach (CULong handle in found.Skip(isThere ? 1 : 0))
            {
                functions.C_DestroyObject(session, handle);
            }

            return true;
        }
    }
}

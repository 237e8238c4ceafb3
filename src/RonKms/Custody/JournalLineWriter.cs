using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>Writes journal lines: canonical JSON with a MAC. One thread at a time.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 3.</remarks>
internal sealed class JournalLineWriter
{
    private readonly CanonicalJson _json = new();

    /// <summary>Writes a line with its final LF.</summary>
    internal byte[] Write(CustodyEvent e, StoreKey storeKey)
    {
        WriteMembers(e, default);
        Span<byte> mac = stackalloc byte[Digest.Size];
        storeKey.MacJournalLine(_json.Written, mac);
        WriteMembers(e, mac);
        byte[] line = new byte[_json.Written.Length + 1];
        _json.Written.CopyTo(line);
        line[^1] = (byte)'\n';
        return line;
    }

    private void WriteMembers(CustodyEvent e, ReadOnlySpan<byte> mac)
    {
        bool describesVersion = e.Op is CustodyOp.Create or CustodyOp.Import or CustodyOp.Rotate or CustodyOp.State;
        _json.Clear();
        _json.BeginObject();
        if (describesVersion)
        {
            _json.Member("alg"u8, e.Key!.Algorithm.Name);
        }

        if (e.Anchor is not null)
        {
            _json.Member("anchor"u8, e.Anchor);
        }

        _json.Member("base"u8, e.Base);
        if (e.AnnexDigest is { } annex)
        {
            _json.HexMember("digest"u8, annex.Span);
        }

        if (e.From is { } from)
        {
            _json.Name("from"u8);
            _json.BeginObject();
            _json.Member("gen"u8, from.Generation);
            Digest head = from.Head;
            _json.HexMember("head"u8, head.Span);
            _json.Member("seq"u8, from.Seq);
            _json.EndObject();
        }

        if (e.Key is not null)
        {
            Span<char> kid = stackalloc char[KeyId.MaxLength];
            bool fits = e.Key.TryFormat(kid, out int length, default, null);
            System.Diagnostics.Debug.Assert(fits, "the longest name fits");
            _json.Member("kid"u8, kid[..length]);
        }

        if (e.Labels.Count > 0)
        {
            _json.Name("labels"u8);
            _json.BeginObject();
            foreach ((string name, string value) in e.Labels)
            {
                _json.Member(System.Text.Encoding.UTF8.GetBytes(name), value);
            }

            _json.EndObject();
        }

        if (!mac.IsEmpty)
        {
            _json.HexMember("mac"u8, mac);
        }

        if (describesVersion)
        {
            _json.Member("not_after_ms"u8, e.NotAfterMs);
        }

        _json.Member("op"u8, JournalNames.Of(e.Op));
        Digest prev = e.Prev;
        _json.HexMember("prev"u8, prev.Span);
        if (e.PublicKey is { } publicKey)
        {
            _json.HexMember("public"u8, publicKey.Span);
        }

        if (e.Reason is not null)
        {
            _json.Member("reason"u8, e.Reason);
        }

        if (e.Record is { } record)
        {
            _json.HexMember("record"u8, record.Span);
        }

        _json.Member("seq"u8, e.Seq);
        if (e.State is { } state)
        {
            _json.Member("state"u8, JournalNames.Of(state));
        }

        if (e.Store is { } store)
        {
            _json.HexMember("store"u8, store.Span);
        }

        if (e.StoreId is { } storeId)
        {
            _json.Member("store_id"u8, storeId.ToString("D"));
        }

        _json.Member("time_ms"u8, e.TimeMs);
        if (e.AnnexType is not null)
        {
            _json.Member("type"u8, e.AnnexType);
        }

        _json.EndObject();
    }
}

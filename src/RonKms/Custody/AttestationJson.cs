using System.Text;
using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>Writes what the journal says of a key version.</summary>
internal static class AttestationJson
{
    private const string Format = "ronk-attestation/1";

    internal static byte[] Write(KeystoreCore core, KeyVersion version)
    {
        // Asked before: a device may take its time, and the generation cannot change meanwhile.
        IReadOnlyList<KeyValuePair<string, string>> custody = core.Origins.Attest(version);
        while (true)
        {
            long generation = 0;
            try
            {
                return core.Gate.Read(() =>
                {
                    generation = core.Journal.Generation;
                    return WriteOf(core, version, custody);
                });
            }
            catch (KmsException) when (core.Follower is not null)
            {
                // The writer may have taken the generation away that was being read.
                core.Refresh();
                if (core.Journal.Generation == generation)
                {
                    throw;
                }
            }
        }
    }

    private static byte[] WriteOf(KeystoreCore core, KeyVersion version, IReadOnlyList<KeyValuePair<string, string>> custody)
    {
        // The lines first, and a head that is not older than any of them: the writer that appends one sets it next.
        long[] lines = version.Lines;
        SpinWait spin = default;
        JournalHead head = core.Journal.Head;
        while (head.Seq < lines[^1])
        {
            spin.SpinOnce();
            head = core.Journal.Head;
        }

        Digest digest = head.Digest;

        CanonicalJson json = new();
        json.BeginObject();
        json.Member("assurance"u8, core.Assurance);
        json.Member("backend"u8, core.Origins.NameOf(version));
        if (custody.Count > 0)
        {
            json.Name("custody"u8);
            json.BeginObject();
            foreach ((string name, string value) in custody.OrderBy(fact => fact.Key, StringComparer.Ordinal))
            {
                json.Member(Encoding.ASCII.GetBytes(name), value);
            }

            json.EndObject();
        }

        json.Member("format"u8, Format);
        json.HexMember("head"u8, digest.Span);
        json.Member("kid"u8, version.Id.ToString());
        json.Name("lines"u8);
        json.BeginArray();
        foreach (long seq in lines)
        {
            json.Element(core.Store.ReadLine(seq));
        }

        json.EndArray();
        json.Member("seq"u8, head.Seq);
        json.Member("store_id"u8, core.StoreId.ToString("D"));
        json.EndObject();
        return json.Written.ToArray();
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RonKms.Capabilities;
using RonKms.DevServer.Access;
using RonKms.DevServer.Problems;

namespace RonKms.DevServer.Journal;

/// <summary>Showing the journal. Its bytes: docs/formats/ronk-v1.md, section 3.</summary>
internal static class JournalEndpoints
{
    private const int MaxLines = 1000;
    private const string OwnTenant = "ronkms";

    internal static void MapJournal(this IEndpointRouteBuilder kms) =>
        kms.MapGet("/journal", Read).WithName("journal").Produces<JournalPage>();

    private static JournalPage Read(Caller caller, HarnessKeystore keystore, long after = 0, int limit = 100)
    {
        if (after < 0 || limit is < 1 or > MaxLines)
        {
            throw new ProblemException(Problem.Malformed(after < 0 ? "after" : "limit"));
        }

        _ = caller.May(CapabilityScopes.Read, caller.Tenant);
        (long headSeq, string head) = keystore.Head;
        after = Math.Min(after, headSeq);
        long last = Math.Min(headSeq, after + limit);
        List<JournalLine> lines = [];
        for (long seq = after + 1; seq <= last; seq++)
        {
            byte[] line = keystore.ReadLine(seq);
            lines.Add(new JournalLine(seq, Convert.ToHexStringLower(SHA256.HashData(line)), MaySee(caller.Tenant, line) ? Encoding.UTF8.GetString(line) : null));
        }

        return new JournalPage(lines, new JournalEnd(headSeq, head), last < headSeq ? last : null);
    }

    /// <summary>Whether a line is about the tenant's keys, the store's own, or none.</summary>
    private static bool MaySee(string tenant, byte[] line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return !json.RootElement.TryGetProperty("kid", out JsonElement kid)
            || (KeyId.TryParse(kid.GetString(), out KeyId? key) && (key.Tenant == tenant || key.Tenant == OwnTenant));
    }
}

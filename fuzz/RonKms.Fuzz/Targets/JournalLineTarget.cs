using RonKms.Custody;
using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz.Targets;

/// <summary>One journal line, with the right MAC: a valid one is written to the same bytes; none that has its MAC passes for somebody else's.</summary>
internal static class JournalLineTarget
{
    private static readonly JournalLineReader s_reader = new(JournalText.StoreKey);
    private static readonly JournalLineReader s_unkeyed = JournalLineReader.WithoutMacs();
    private static readonly JournalLineWriter s_writer = new();

    internal static FuzzTarget Target { get; } = new("journal-line", Run)
    {
        Tokens = JournalText.Tokens,
        Seeds = static source => source.Texts("ronk/journals.json", "cases", "journal").SelectMany(Lines),
        MaxSize = 2048,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        byte[] line = JournalText.WithMac(input.ToArray());
        JournalLineStatus status = s_reader.Read(line, out CustodyEvent? e);
        JournalLineStatus unkeyed = s_unkeyed.Read(line, out _);
        _ = JournalLineReader.ClaimedStore(line);
        Oracle.Holds((e is null) == (status is JournalLineStatus.Invalid or JournalLineStatus.Malformed) || status == JournalLineStatus.Newer, $"an event of {status}");
        Oracle.Holds(
            status == JournalLineStatus.Malformed ? unkeyed == JournalLineStatus.Invalid : unkeyed == status,
            $"{status} with a key, {unkeyed} without");
        if (status == JournalLineStatus.Valid)
        {
            Oracle.Same(line, s_writer.Write(e!, JournalText.StoreKey).AsSpan()[..^1]);
        }
    }

    private static IEnumerable<byte[]> Lines(byte[] journal)
    {
        int start = 0;
        for (int end = Array.IndexOf(journal, (byte)'\n'); end >= 0; end = Array.IndexOf(journal, (byte)'\n', start))
        {
            yield return journal[start..end];
            start = end + 1;
        }
    }
}

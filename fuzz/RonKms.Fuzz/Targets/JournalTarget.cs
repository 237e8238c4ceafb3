using RonKms.Custody;
using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz.Targets;

/// <summary>A whole journal, chained and with its MACs: what is folded is the same read at once, again, in pieces, and without the key.</summary>
internal static class JournalTarget
{
    internal static FuzzTarget Target { get; } = new("journal", Run)
    {
        Expects = static e => e is KmsException { Error: KmsError.SealedCorrupt or KmsError.NewerFormat },
        Tokens = JournalText.Tokens,
        Seeds = static source => source.Texts("ronk/journals.json", "cases", "journal"),
        MaxSize = 6000,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        byte[] journal = JournalText.Chained(input);

        // A journal that goes on from another one is of a later generation.
        int firstLine = journal.AsSpan().IndexOf((byte)'\n');
        long generation = firstLine >= 0 && journal.AsSpan(0, firstLine).IndexOf("\"from\":{"u8) >= 0 ? 1000 : 1;
        JournalReplay whole = new(JournalText.StoreKey, generation, "here");
        int torn = whole.Follow(journal);
        int valid = (int)Math.Min(whole.ValidLength, journal.Length);
        Oracle.Holds(torn == journal.Length - valid, $"{torn} bytes torn, {valid} of {journal.Length} valid");
        foreach (KeyEntry key in whole.Directory.Keys)
        {
            Oracle.Holds(ReferenceEquals(whole.Directory.Find(key.Id.Uuid), key) && key.Latest.Id.IsSameKey(key.Id), $"{key.Id} is not found");
        }

        JournalReplay again = new(JournalText.StoreKey, generation, "here");
        Oracle.Holds(again.Follow(journal.AsMemory(0, valid)) == 0, "the valid part is torn");
        Compare(whole, again);

        JournalChain unkeyed = new(JournalText.StoreKey.StoreId, generation, "here");
        Oracle.Holds(unkeyed.Follow(journal.AsMemory(0, valid)) == 0, "the valid part is torn without the key");
        Compare(whole, unkeyed);

        if (journal.AsSpan(0, valid).EndsWith("\n"u8))
        {
            JournalReplay growing = new(JournalText.StoreKey, generation, "here", isGrowing: true);
            int half = 1 + journal.AsSpan(0, valid / 2).LastIndexOf((byte)'\n');
            Oracle.Holds(growing.Follow(journal.AsMemory(0, half)) == 0 && growing.Follow(journal.AsMemory(half, valid - half)) == 0, "a part is torn");
            Compare(whole, growing);
        }
    }

    private static void Compare(JournalChain one, JournalChain other)
    {
        Oracle.Holds(one.Head == other.Head && one.LineCount == other.LineCount && one.ValidLength == other.ValidLength, $"heads differ: {one.Head}, {other.Head}");
        Oracle.Holds(one.Directory.Store == other.Directory.Store && one.Directory.Anchor == other.Directory.Anchor, "store or anchor differ");
        Oracle.Holds(one.Directory.HoldsAll(other.Directory) && other.Directory.HoldsAll(one.Directory), "keys differ");
    }
}

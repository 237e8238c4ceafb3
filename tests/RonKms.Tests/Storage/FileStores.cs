using System.Text;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

/// <summary>Stores, commits and settlements for tests: a journal of text lines that name keys, and the check that a keystore would do.</summary>
internal static class FileStores
{
    internal const string FirstLine = "open";
    internal static readonly byte[] Description = "{\"gen\":1}"u8.ToArray();
    internal static readonly FileStoreOptions Creating = new() { Create = true, LockTimeout = TimeSpan.Zero };
    internal static readonly FileStoreOptions Existing = new() { LockTimeout = TimeSpan.Zero };

    internal static Guid Key(int n) => new(n << 24 | n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    internal static byte[] Record(int n) => Encoding.UTF8.GetBytes($"sealed record of key {n}");

    internal static byte[] Header(int n) => Encoding.UTF8.GetBytes($"header of key {n}");

    internal static byte[] Line(string text) => Encoding.UTF8.GetBytes(text + "\n");

    internal static FileStore Create(string path)
    {
        FileStore store = FileStore.Open(path, Creating);
        return Started(store, () => store.Create(Description, Line(FirstLine)));
    }

    internal static StoreCommit Creation(long head, params int[] keys) => new(
        head,
        [.. keys.Select(n => new SealedRecord(Key(n), 1, Record(n)))],
        [.. keys.Select(n => (ReadOnlyMemory<byte>)Line($"create {n}"))],
        []);

    internal static StoreCommit Destruction(long head, params int[] keys) => new(
        head,
        [],
        [.. keys.Select(n => (ReadOnlyMemory<byte>)Line($"destroy {n}"))],
        [.. keys.Select(n => new RecordRemoval(Key(n), 1, Header(n)))]);

    internal static string[] Lines(ISealedStore store) =>
        Encoding.UTF8.GetString(store.ReadJournal(0).Bytes.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Opens a store as a keystore does: everything up to the last LF counts, records that no line creates are orphans, records that
    /// a line destroys go.</summary>
    internal static FileStore Reopen(string path) => Reopen(path, new FileOperations());

    internal static FileStore Reopen(string path, FileOperations files)
    {
        FileStore store = FileStore.Open(path, Existing, files);
        return Started(store, () =>
        {
            Assert.NotNull(store.ReadDescription());
            store.UseGeneration(1);
            store.Settle(Settlement(store));
        });
    }

    internal static JournalSettlement Settlement(ISealedStore store)
    {
        string journal = Encoding.UTF8.GetString(store.ReadJournal(0).Bytes.Span);
        journal = journal[..(journal.LastIndexOf('\n') + 1)];
        string[] lines = journal.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        List<(Guid Key, uint Version)> orphans = [];
        List<RecordRemoval> removals = [];
        foreach ((Guid key, uint version) in store.ListRecords())
        {
            int n = Number(key);
            if (lines.Contains($"destroy {n}"))
            {
                bool isWhole = store.ReadRecord(key, version).AsSpan().SequenceEqual(Record(n));
                removals.Add(new RecordRemoval(key, version, isWhole ? Header(n) : default));
            }
            else if (!lines.Contains($"create {n}"))
            {
                orphans.Add((key, version));
            }
        }

        return new JournalSettlement(lines.Length, journal.Length, journal.Length - (lines[^1].Length + 1), orphans, removals);
    }

    /// <summary>Checks that the records are those that the lines tell of, and that nothing else lies in the directory.</summary>
    internal static void AssertConsistent(ISealedStore store, string path)
    {
        string[] lines = Lines(store);
        int[] created = [.. lines.Where(line => line.StartsWith("create ", StringComparison.Ordinal)).Select(line => int.Parse(line.AsSpan(7)))];
        int[] destroyed = [.. lines.Where(line => line.StartsWith("destroy ", StringComparison.Ordinal)).Select(line => int.Parse(line.AsSpan(8)))];

        Assert.Equal(created.Except(destroyed).Order(), store.ListRecords().Select(record => Number(record.Key)).Order());
        Assert.All(created.Except(destroyed), n => Assert.Equal(Record(n), store.ReadRecord(Key(n), 1)));
        Assert.All(destroyed, n => Assert.Equal(Header(n), store.ReadRemains(Key(n), 1)));
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(path, "*.tmp", SearchOption.AllDirectories),
            entry => !entry.StartsWith(System.IO.Path.Combine(path, "lost"), StringComparison.Ordinal));
    }

    private static int Number(Guid key) => key.ToByteArray(bigEndian: true)[3];

    private static FileStore Started(FileStore store, Action start)
    {
        try
        {
            start();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }
}

using RonKms.Storage;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Storage;

/// <summary>Cuts the power on each change of a store's life; whatever the disk then holds, what was acknowledged must be there.</summary>
public sealed class FileStorePowerCutTests
{
    private const int NothingUnflushed = 0;
    private static readonly string[] AllLines =
        [FirstLine, "create 1", "create 2", "create 3", "destroy 2", "create 4", "destroy 1", "destroy 4"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 13)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_was_acknowledged_survives(int seed)
    {
        for (int cutAt = 1; ; cutAt++)
        {
            using TemporaryDirectory before = TemporaryDirectory.InMemory();
            using TemporaryDirectory after = TemporaryDirectory.InMemory();
            var files = new PowerCutFiles(before.Path, cutAt);
            int acknowledged = Live(before["store"], files);
            files.Restore(after.Path, seed == NothingUnflushed ? null : new Random((seed * 1000) + cutAt));

            try
            {
                Check(after["store"], acknowledged);
            }
            catch (Exception unexpected)
            {
                Assert.Fail($"Power cut on change {cutAt}, {acknowledged} lines acknowledged: {unexpected}");
            }

            if (!files.IsCut)
            {
                Assert.Equal(AllLines.Length, acknowledged);
                Assert.True(cutAt > 60, "Too few changes were seen for this to be a test.");
                return;
            }
        }
    }

    private static int Live(string root, FileOperations files)
    {
        int acknowledged = 0;
        try
        {
            using FileStore store = FileStore.Open(root, Creating, files);
            store.Create(Description, Line(FirstLine));
            acknowledged = 1;
            Commit(Creation(1, 1));
            Commit(Creation(2, 2, 3));
            Commit(Destruction(4, 2));
            Commit(Creation(5, 4));
            Commit(Destruction(6, 1, 4));

            void Commit(StoreCommit commit)
            {
                Assert.Equal(CommitResult.Committed, store.Commit(commit));
                acknowledged += commit.Lines.Count;
            }
        }
        catch (KmsException failure) when (failure.Message.Contains("Injected", StringComparison.Ordinal))
        {
            // The power is gone; what is looked at is the disk.
        }

        return acknowledged;
    }

    private static void Check(string root, int acknowledged)
    {
        if (acknowledged == 0 && !File.Exists(Path.Combine(root, "store.json"))) Create(root).Dispose();
        using (FileStore store = Reopen(root))
        {
            string[] lines = Lines(store);
            Assert.InRange(lines.Length, Math.Max(acknowledged, 1), AllLines.Length);
            Assert.Equal(AllLines[..lines.Length], lines);
            AssertConsistent(store, root);
            Assert.Equal(CommitResult.Committed, store.Commit(Creation(lines.Length, 9)));
        }

        using FileStore again = Reopen(root);
        AssertConsistent(again, root);
    }
}

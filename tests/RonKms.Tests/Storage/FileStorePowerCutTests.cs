using Microsoft.Win32.SafeHandles;
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

    [Fact]
    public void Torn_bytes_are_kept_whatever_a_kill_and_a_power_cut_leave_of_the_settling()
    {
        for (int kill = 1; ; kill++)
        {
            using TemporaryDirectory disk = TemporaryDirectory.InMemory();
            var files = new PowerCutFiles(disk.Path, int.MaxValue);
            Tear(disk["store"], files);
            files.KillOn(kill);
            Settle(disk["store"], files);
            bool wasKilled = files.IsCut;
            files.Restart();
            files.Changed = () =>
            {
                for (int seed = 0; seed < 8; seed++) CheckTorn(files, seed == NothingUnflushed ? null : new Random((seed * 1000) + files.Count), kill);
            };
            Settle(disk["store"], files);
            if (!wasKilled) return;
        }
    }

    private static void Tear(string root, PowerCutFiles files)
    {
        using (FileStore store = FileStore.Open(root, Creating, files)) store.Create(Description, Line(FirstLine));
        string journal = Path.Combine(root, "g1", "journal.jsonl");
        using SafeFileHandle file = files.Open(journal, FileUse.Append)!;
        files.Write(file, "torn"u8, FirstLine.Length + 1, journal);
        files.SyncData(file, journal);
    }

    private static void Settle(string root, PowerCutFiles files)
    {
        try
        {
            Reopen(root, files).Dispose();
        }
        catch (KmsException failure) when (failure.Message.Contains("Injected", StringComparison.Ordinal))
        {
            // Killed; the next one does it again.
        }
    }

    private static void CheckTorn(PowerCutFiles files, Random? choices, int kill)
    {
        using TemporaryDirectory after = TemporaryDirectory.InMemory();
        files.Restore(after.Path, choices);
        string lost = after["store", "lost"];
        Assert.True(
            File.ReadAllText(after["store", "g1", "journal.jsonl"]).EndsWith("torn", StringComparison.Ordinal)
            || (Directory.Exists(lost) && Directory.EnumerateFiles(lost).Any(path => File.ReadAllText(path) == "torn")),
            $"The torn bytes are gone: killed on change {kill}, power cut after change {files.Count}.");
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

using System.Diagnostics;
using RonKms.Storage;
using static RonKms.Tests.Storage.FileStores;

namespace RonKms.Tests.Storage;

/// <summary>Lets each file operation fail in turn, in each way, and looks at what a reopened store holds.</summary>
public sealed class FileStoreFaultTests
{
    public static TheoryData<Fault> Faults => [.. Enum.GetValues<Fault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_creation_that_fails_leaves_no_store_or_a_whole_one(Fault fault) => FailEach(
        fault,
        _ => { },
        (root, files) =>
        {
            using FileStore store = FileStore.Open(root, Creating, files);
            store.Create(Description, Line(FirstLine));
        },
        (root, hasSucceeded) =>
        {
            bool exists = File.Exists(Path.Combine(root, "store.json"));
            Assert.True(exists || !hasSucceeded);
            if (!exists) Create(root).Dispose();
            using FileStore store = Reopen(root);
            Assert.Equal([FirstLine], Lines(store));
            AssertWritable(store, root);
        });

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_commit_that_fails_leaves_the_old_state_or_the_new(Fault fault) => FailEach(
        fault,
        root =>
        {
            using FileStore store = Create(root);
            store.Commit(Creation(1, 1));
        },
        (root, files) =>
        {
            using FileStore store = Reopen(root, files);
            try
            {
                store.Commit(Creation(2, 2, 3, 4));
            }
            catch (KmsException)
            {
                AssertPoisoned(store, 2);
                throw;
            }
        },
        (root, hasSucceeded) =>
        {
            using FileStore store = Reopen(root);
            string[] all = [FirstLine, "create 1", "create 2", "create 3", "create 4"];
            string[] lines = Lines(store);

            // A group may be torn between its lines: what was never acknowledged may be there in part.
            Assert.Equal(all[..lines.Length], lines);
            Assert.InRange(lines.Length, hasSucceeded ? all.Length : 2, all.Length);
            AssertConsistent(store, root);
            AssertWritable(store, root);
        });

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_destruction_that_fails_is_finished_or_undone(Fault fault) => FailEach(
        fault,
        root =>
        {
            using FileStore store = Create(root);
            store.Commit(Creation(1, 1, 2, 3));
        },
        (root, files) =>
        {
            using FileStore store = Reopen(root, files);
            store.Commit(Destruction(4, 1, 2));
        },
        (root, hasSucceeded) =>
        {
            using FileStore store = Reopen(root);
            int destroyed = Lines(store).Count(line => line.StartsWith("destroy", StringComparison.Ordinal));
            Assert.InRange(destroyed, hasSucceeded ? 2 : 0, 2);
            AssertConsistent(store, root);
            AssertWritable(store, root);
        });

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_record_whose_destruction_fails_is_overwritten_all_the_same_before_its_name_goes(Fault fault)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Second names are made with ln.");
        FailEach(
            fault,
            root =>
            {
                using FileStore store = Create(root);
                store.Commit(Creation(1, 1));
                string record = Directory.GetFiles(Path.Combine(root, "g1", "keys"), "*.ronk", SearchOption.AllDirectories).Single();
                using Process link = Process.Start("ln", [record, root + "-second-name"]);
                link.WaitForExit();
                Assert.Equal(0, link.ExitCode);
            },
            (root, files) =>
            {
                using FileStore store = Reopen(root, files);
                store.Commit(Destruction(2, 1));
            },
            (root, _) =>
            {
                using FileStore store = Reopen(root);
                bool isDestroyed = Lines(store).Contains("destroy 1");
                Assert.Equal(isDestroyed ? new byte[Record(1).Length] : Record(1), File.ReadAllBytes(root + "-second-name"));
            });
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_settling_that_fails_can_be_done_again(Fault fault) => FailEach(
        fault,
        root =>
        {
            using (FileStore store = Create(root)) store.Commit(Creation(1, 1, 2, 3));

            // As crashes leave it: a torn line, an orphan and its half-written neighbour, a destruction that only the journal knows.
            string journal = Path.Combine(root, "g1", "journal.jsonl");
            File.AppendAllText(journal, "destroy 1\ntorn");
            string record = Path.Combine(root, "g1", "keys", "02", "02000002-0001-0002-0304-05060708090a.v1.ronk");
            File.Copy(record, record.Replace("02000002", "02000012", StringComparison.Ordinal));
            File.Copy(record, record + ".tmp");
        },
        (root, files) => Reopen(root, files).Dispose(),
        (root, _) =>
        {
            using FileStore store = Reopen(root);
            Assert.Equal([FirstLine, "create 1", "create 2", "create 3", "destroy 1"], Lines(store));
            AssertConsistent(store, root);
            AssertWritable(store, root);
            Assert.Contains(Directory.GetFiles(Path.Combine(root, "lost")), file => File.ReadAllText(file) == "torn");
        });

    private static void AssertPoisoned(FileStore store, long head)
    {
        StoreCommit next = new(head, [], [Line("never written")], []);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => store.Commit(next)).Error);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => store.Settle(new JournalSettlement(1, 5, 0, [], []))).Error);
    }

    private static void AssertWritable(FileStore store, string root)
    {
        Assert.Equal(CommitResult.Committed, store.Commit(Creation(Lines(store).Length, 9)));
        AssertConsistent(store, root);
    }

    private static void FailEach(Fault fault, Action<string> prepare, Action<string, FileOperations> act, Action<string, bool> check)
    {
        for (int failing = 1; ; failing++)
        {
            using TemporaryDirectory directory = TemporaryDirectory.InMemory();
            string root = directory["store"];
            prepare(root);
            var files = new FaultyFiles(failing, fault);
            KmsException? failure = null;
            try
            {
                act(root, files);
            }
            catch (KmsException thrown)
            {
                failure = thrown;
                Assert.Equal(KmsError.StoreFailed, thrown.Error);
            }

            try
            {
                check(root, failure is null);
            }
            catch (Exception unexpected)
            {
                Assert.Fail($"Operation {failing} ({files.Failed}), {fault}: {unexpected}");
            }

            if (!files.HasFailed)
            {
                Assert.Null(failure);
                Assert.True(failing > 20, "Too few operations were seen for this to be a test.");
                return;
            }
        }
    }
}

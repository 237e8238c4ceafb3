using System.Collections.Concurrent;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

public sealed class SideBySideTests
{
    private static readonly TimeSpan s_tooLong = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public void Each_piece_of_work_is_done_once(int count)
    {
        ConcurrentQueue<int> done = new();

        SideBySide.Do(count, done.Enqueue);

        Assert.Equal(Enumerable.Range(0, count), done.Order());
    }

    [Fact]
    public void Work_that_waits_for_other_work_ends()
    {
        using Barrier both = new(2);

        SideBySide.Do(2, _ => Assert.True(both.SignalAndWait(s_tooLong)));
    }

    [Fact]
    public void A_single_piece_is_done_by_the_caller()
    {
        int thread = 0;

        SideBySide.Do(1, _ => thread = Environment.CurrentManagedThreadId);

        Assert.Equal(Environment.CurrentManagedThreadId, thread);
    }

    [Fact]
    public void A_failure_is_thrown_once_nothing_is_under_way()
    {
        using Barrier both = new(2);
        using ManualResetEventSlim failing = new();
        bool ended = false;

        KmsException failure = Assert.Throws<KmsException>(() => SideBySide.Do(2, i =>
        {
            Assert.True(both.SignalAndWait(s_tooLong));
            if (i == 0)
            {
                failing.Set();
                throw new KmsException(KmsError.StoreFailed, "The disk is full, for the test.");
            }

            Assert.True(failing.Wait(s_tooLong));
            ended = true;
        }));

        Assert.Equal(KmsError.StoreFailed, failure.Error);
        Assert.True(ended);
    }

    [Fact]
    public void A_group_that_the_disk_does_not_take_is_refused_and_leaves_no_temporary_file()
    {
        using TemporaryDirectory directory = TemporaryDirectory.InMemory();
        using FileStore store = FileStores.Create(directory["store"]);
        SealedRecord[] records = [.. Enumerable.Range(0, 40).Select(i => new SealedRecord(Guid.NewGuid(), 1, new byte[64]))];
        string taken = Path.Combine(directory["store"], "g1", "keys", records[20].Key.ToString("D")[..2]);
        new FileOperations().CreateDirectory(Path.Combine(directory["store"], "g1", "keys"));
        new FileOperations().CreateDirectory(taken);
        string foreign = Path.Combine(taken, $"{records[20].Key:D}.v1.ronk.tmp");
        File.WriteAllText(foreign, "somebody else's");

        Assert.Throws<KmsException>(() => store.Commit(new StoreCommit(1, records, ["line\n"u8.ToArray()], [])));

        Assert.Equal([foreign], Directory.GetFiles(Path.Combine(directory["store"], "g1", "keys"), "*", SearchOption.AllDirectories));
        Assert.Equal("somebody else's", File.ReadAllText(foreign));
    }
}

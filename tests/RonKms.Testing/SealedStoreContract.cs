using System.Text;
using RonKms.Storage;
using Xunit;

namespace RonKms.Testing;

/// <summary>What every <see cref="ISealedStore"/> does, whatever it is made of. Derive, and say how an empty one is made.</summary>
public abstract partial class SealedStoreContract : IDisposable
{
    private static readonly byte[] Description = "{\"gen\":1}"u8.ToArray();
    private static readonly byte[] SealedBytes = "RONK: sealed bytes"u8.ToArray();
    private static readonly byte[] HeaderBytes = "RONK: header"u8.ToArray();
    private static readonly Guid Key = new("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");

    private readonly Lazy<ISealedStore> _store;

    /// <summary>Prepares a test.</summary>
    protected SealedStoreContract() => _store = new Lazy<ISealedStore>(MakeEmpty);

    private ISealedStore Store => _store.Value;

    /// <summary>Makes a store object over a place that holds no store yet.</summary>
    /// <returns>The store; the contract disposes it.</returns>
    protected abstract ISealedStore MakeEmpty();

    /// <summary>Disposes the store, and in derived classes what it lay in.</summary>
    public virtual void Dispose()
    {
        if (_store.IsValueCreated) _store.Value.Dispose();
    }

    [Fact]
    public void An_empty_place_has_no_description() => Assert.Null(Store.ReadDescription());

    [Fact]
    public void A_new_store_holds_its_description_and_its_first_line()
    {
        Create();

        Assert.Equal(Description, Store.ReadDescription());
        Assert.Equal("line 1\n", Journal());
        Assert.Equal("line 1"u8.ToArray(), Store.ReadLine(1));
        Assert.Empty(Store.ListRecords());
    }

    [Fact]
    public void A_second_store_in_the_same_place_is_refused()
    {
        Create();

        KmsException refusal = Assert.Throws<KmsException>(() => Store.Create("{}"u8, "other\n"u8));

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Equal(Description, Store.ReadDescription());
        Assert.Equal("line 1\n", Journal());
    }

    [Fact]
    public void A_new_store_may_be_opened_like_one_that_was_there()
    {
        Create();

        Store.UseGeneration(1);
        int length = Journal().Length;
        Store.Settle(new JournalSettlement(1, length, 0, [], []));

        Assert.Equal(CommitResult.Committed, Store.Commit(Lines(1, "line 2")));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.UseGeneration(0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("no line feed")]
    [InlineData("two\nlines\n")]
    public void A_store_begins_with_exactly_one_line(string line)
    {
        Assert.Throws<ArgumentException>(() => Store.Create(Description, Encoding.UTF8.GetBytes(line)));
        Assert.Null(Store.ReadDescription());
    }

    [Fact]
    public void Nothing_is_read_or_written_where_there_is_no_store()
    {
        Assert.Throws<InvalidOperationException>(() => Store.ReadJournal(0));
        Assert.Throws<InvalidOperationException>(() => Store.ReadLine(1));
        Assert.Throws<InvalidOperationException>(() => Store.ReadRecord(Key, 1));
        Assert.Throws<InvalidOperationException>(() => Store.ReadRemains(Key, 1));
        Assert.Throws<InvalidOperationException>(() => Store.ListRecords());
        Assert.Throws<InvalidOperationException>(() => Store.Commit(Lines(0, "line 1")));
    }

    [Fact]
    public void A_commit_can_be_read_back()
    {
        Create();

        Assert.Equal(CommitResult.Committed, Store.Commit(Creation(1, Key, 1, "line 2")));

        Assert.Equal(SealedBytes, Store.ReadRecord(Key, 1));
        Assert.Equal([(Key, 1u)], Store.ListRecords());
        Assert.Equal("line 1\nline 2\n", Journal());
        Assert.Equal("line 2"u8.ToArray(), Store.ReadLine(2));
        Assert.Null(Store.ReadRemains(Key, 1));
    }

    [Fact]
    public void A_commit_takes_many_records_and_lines()
    {
        Create();
        List<SealedRecord> records = [.. Enumerable.Range(0, 40).Select(n => new SealedRecord(Numbered(n), 7, Encoding.UTF8.GetBytes($"record {n}")))];
        List<ReadOnlyMemory<byte>> lines = [.. Enumerable.Range(2, 40).Select(n => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"line {n}\n"))];

        Assert.Equal(CommitResult.Committed, Store.Commit(new StoreCommit(1, records, lines, [])));

        Assert.Equal(records.Select(record => (record.Key, record.Version)).Order(), Store.ListRecords().Order());
        Assert.All(records, record => Assert.Equal(record.Bytes.ToArray(), Store.ReadRecord(record.Key, 7)));
        Assert.Equal("line 41"u8.ToArray(), Store.ReadLine(41));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(long.MaxValue)]
    public void A_commit_on_another_head_changes_nothing(long expectedHead)
    {
        Create();
        Store.Commit(Creation(1, Key, 1, "line 2"));

        StoreCommit commit = Creation(expectedHead, Key, 2, "line 3") with { Removals = [new RecordRemoval(Key, 1, HeaderBytes)] };
        Assert.Equal(CommitResult.Conflict, Store.Commit(commit));

        Assert.Equal("line 1\nline 2\n", Journal());
        Assert.Equal([(Key, 1u)], Store.ListRecords());
        Assert.Null(Store.ReadRemains(Key, 1));
        Assert.Equal(CommitResult.Committed, Store.Commit(commit with { ExpectedHeadSeq = 2 }));
    }

    [Fact]
    public void A_removal_leaves_the_header_and_no_record()
    {
        Create();
        Store.Commit(Creation(1, Key, 1, "line 2"));
        Store.Commit(Creation(2, Key, 2, "line 3"));

        Store.Commit(Lines(3, "line 4") with { Removals = [new RecordRemoval(Key, 1, HeaderBytes)] });

        Assert.Null(Store.ReadRecord(Key, 1));
        Assert.Equal(HeaderBytes, Store.ReadRemains(Key, 1));
        Assert.Equal(SealedBytes, Store.ReadRecord(Key, 2));
        Assert.Equal([(Key, 2u)], Store.ListRecords());
    }

    [Fact]
    public void A_removal_without_remains_keeps_those_that_are_there()
    {
        Create();
        Store.Commit(Creation(1, Key, 1, "line 2"));
        Store.Commit(Lines(2, "line 3") with { Removals = [new RecordRemoval(Key, 1, HeaderBytes)] });

        Store.Commit(Lines(3, "line 4") with { Removals = [new RecordRemoval(Key, 1, default), new RecordRemoval(Numbered(9), 1, default)] });

        Assert.Equal(HeaderBytes, Store.ReadRemains(Key, 1));
        Assert.Null(Store.ReadRemains(Numbered(9), 1));
    }

    [Fact]
    public void A_record_is_never_overwritten()
    {
        Create();
        Store.Commit(Creation(1, Key, 1, "line 2"));

        KmsException refusal = Assert.Throws<KmsException>(() => Store.Commit(
            new StoreCommit(2, [new SealedRecord(Key, 1, "other bytes"u8.ToArray())], [Line("line 3")], [])));

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Equal(SealedBytes, Store.ReadRecord(Key, 1));
        Assert.Equal("line 1\nline 2\n", Journal());
    }

    [Fact]
    public void A_malformed_commit_is_refused_and_does_no_harm()
    {
        Create();
        var record = new SealedRecord(Key, 1, SealedBytes);
        StoreCommit[] malformed =
        [
            new(1, [], ["no line feed"u8.ToArray()], []),
            new(1, [], ["two\nlines\n"u8.ToArray()], []),
            new(1, [], [Line("line 2"), ReadOnlyMemory<byte>.Empty], []),
            new(1, [record with { Version = 0 }], [Line("line 2")], []),
            new(1, [record, record], [Line("line 2")], []),
            new(1, [record], [Line("line 2")], [new RecordRemoval(Key, 1, default)]),
            new(1, [record with { Bytes = new byte[2 * 1024 * 1024] }], [Line("line 2")], []),
        ];

        Assert.All(malformed, commit => Assert.Throws<ArgumentException>(() => Store.Commit(commit)));

        Assert.Equal("line 1\n", Journal());
        Assert.Empty(Store.ListRecords());
        Assert.Equal(CommitResult.Committed, Store.Commit(Creation(1, Key, 1, "line 2")));
    }

    [Fact]
    public void What_is_stored_and_what_is_read_are_copies()
    {
        Create();
        byte[] record = [.. SealedBytes];
        byte[] line = "line 2\n"u8.ToArray();
        Store.Commit(new StoreCommit(1, [new SealedRecord(Key, 1, record)], [line], []));

        Array.Clear(record);
        Array.Clear(line);
        Array.Clear(Store.ReadRecord(Key, 1)!);
        Array.Clear(Store.ReadLine(2));
        Array.Clear(Store.ReadDescription()!);

        Assert.Equal(SealedBytes, Store.ReadRecord(Key, 1));
        Assert.Equal("line 1\nline 2\n", Journal());
        Assert.Equal(Description, Store.ReadDescription());
    }

    [Fact]
    public void The_journal_is_read_from_any_line_on()
    {
        Create();
        Store.Commit(Lines(1, "line 2", "a longer line 3"));
        Store.Commit(Lines(3, "line 4"));

        Assert.Equal("line 1\nline 2\na longer line 3\nline 4\n", Tail(0));
        Assert.Equal("line 2\na longer line 3\nline 4\n", Tail(1));
        Assert.Equal("a longer line 3\nline 4\n", Tail(2));
        Assert.Equal("line 4\n", Tail(3));
        Assert.Equal(string.Empty, Tail(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.ReadJournal(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.ReadJournal(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.ReadLine(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.ReadLine(5));
    }

    [Fact]
    public void What_was_never_stored_is_not_there()
    {
        Create();
        Store.Commit(Creation(1, Key, 1, "line 2"));

        Assert.Null(Store.ReadRecord(Key, 2));
        Assert.Null(Store.ReadRecord(Numbered(1), 1));
        Assert.Null(Store.ReadRemains(Numbered(1), 1));
    }

    [Fact]
    public void Settling_drops_orphans_and_finishes_removals_and_may_be_done_again()
    {
        Create();
        Store.Commit(Creation(1, Key, 1, "line 2"));
        Store.Commit(Creation(2, Key, 2, "line 3"));
        Store.Commit(Creation(3, Key, 3, "line 4"));
        int length = Journal().Length;
        var settlement = new JournalSettlement(4, length, length - "line 4\n".Length, [(Key, 2)], [new RecordRemoval(Key, 1, HeaderBytes)]);

        Store.Settle(settlement);
        Store.Settle(settlement);

        Assert.Equal([(Key, 3u)], Store.ListRecords());
        Assert.Null(Store.ReadRecord(Key, 2));
        Assert.Equal(HeaderBytes, Store.ReadRemains(Key, 1));
        Assert.Equal("line 1\nline 2\nline 3\nline 4\n", Journal());
        Assert.Equal(CommitResult.Committed, Store.Commit(Lines(4, "line 5")));
    }

    [Fact]
    public void Who_asked_is_told_of_each_new_head_until_the_subscription_ends()
    {
        Create();
        var told = new List<long>();
        var toldToo = new List<long>();
        IDisposable subscription = Store.OnAppended(told.Add);
        using IDisposable other = Store.OnAppended(toldToo.Add);

        Store.Commit(Lines(1, "line 2", "line 3"));
        Store.Commit(Lines(1, "conflict"));
        Store.Commit(Lines(3, "line 4"));
        subscription.Dispose();
        subscription.Dispose();
        Store.Commit(Lines(4, "line 5"));

        Assert.Equal([3L, 4L], told);
        Assert.Equal([3L, 4L, 5L], toldToo);
    }

    [Fact]
    public void Who_is_told_finds_the_lines_and_may_commit_in_turn()
    {
        Create();
        List<string> found = [];
        using IDisposable subscription = Store.OnAppended(head =>
        {
            found.Add(Encoding.UTF8.GetString(Store.ReadLine(head)));
            if (head < 4) Store.Commit(Lines(head, $"line {head + 1}"));
        });

        Store.Commit(Lines(1, "line 2"));

        Assert.Equal(["line 2", "line 3", "line 4"], found);
        Assert.Equal("line 1\nline 2\nline 3\nline 4\n", Journal());
    }

    [Fact]
    public void What_a_subscriber_throws_is_not_the_writers()
    {
        Create();
        List<long> told = [];
        using IDisposable first = Store.OnAppended(_ => throw new InvalidOperationException("for the test"));
        using IDisposable second = Store.OnAppended(told.Add);

        Assert.Equal(CommitResult.Committed, Store.Commit(Lines(1, "line 2")));

        Assert.Equal([2L], told);
    }

    [Fact]
    public async Task Readers_see_whole_commits_while_others_are_written()
    {
        const int Commits = 60;
        Create();
        using var started = new CountdownEvent(2);
        bool isDone = false;
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () =>
            {
                started.Signal();
                do
                {
                    int lines = Journal().Count(c => c == '\n');
                    Assert.Equal(1, lines % 3);
                    int commits = (lines - 1) / 3;
                    if (commits > 0) Assert.Equal(SealedBytes, Store.ReadRecord(Numbered(commits), 1));
                    Assert.Equal("line 1"u8.ToArray(), Store.ReadLine(1));
                }
                while (!Volatile.Read(ref isDone));
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        started.Wait(TestContext.Current.CancellationToken);

        for (int n = 1; n <= Commits; n++)
        {
            long head = 1 + (3 * (n - 1));
            Assert.Equal(CommitResult.Committed, Store.Commit(Creation(head, Numbered(n), 1, "a", "b", "c")));
        }

        Volatile.Write(ref isDone, true);
        await Task.WhenAll(readers);
        Assert.Equal(1 + (3 * Commits), Journal().Count(c => c == '\n'));
    }

    [Fact]
    public async Task Readers_see_a_record_whole_or_not_at_all_while_it_is_removed()
    {
        const int Rounds = 60;
        Create();
        for (int n = 1; n <= Rounds; n++)
        {
            long head = 1 + (2 * (n - 1));
            Guid key = Numbered(n);
            Store.Commit(Creation(head, key, 1, "create"));
            using var started = new ManualResetEventSlim();
            Task reader = Task.Factory.StartNew(
                () =>
                {
                    byte[]? read = Store.ReadRecord(key, 1);
                    started.Set();
                    for (; read is not null; read = Store.ReadRecord(key, 1)) Assert.Equal(SealedBytes, read);
                },
                TestContext.Current.CancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            started.Wait(TestContext.Current.CancellationToken);
            Store.Commit(Lines(head + 1, "destroy") with { Removals = [new RecordRemoval(key, 1, HeaderBytes)] });
            await reader;
        }
    }

    [Fact]
    public void A_disposed_store_does_nothing_more()
    {
        Create();
        Store.Dispose();
        Store.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Store.ReadDescription());
        Assert.Throws<ObjectDisposedException>(() => Store.UseGeneration(1));
        Assert.Throws<ObjectDisposedException>(() => Store.ReadJournal(0));
        Assert.Throws<ObjectDisposedException>(() => Store.ReadLine(1));
        Assert.Throws<ObjectDisposedException>(() => Store.ListRecords());
        Assert.Throws<ObjectDisposedException>(() => Store.ReadRecord(Key, 1));
        Assert.Throws<ObjectDisposedException>(() => Store.ReadRemains(Key, 1));
        Assert.Throws<ObjectDisposedException>(() => Store.Commit(Lines(1, "line 2")));
        Assert.Throws<ObjectDisposedException>(() => Store.Settle(new JournalSettlement(1, 7, 0, [], [])));
        Assert.Throws<ObjectDisposedException>(() => Store.Create(Description, "line 1\n"u8));
        Assert.Throws<ObjectDisposedException>(() => Store.OnAppended(_ => { }));
        Assert.Throws<ObjectDisposedException>(() => Store.BuildGeneration(2));
        Assert.Throws<ObjectDisposedException>(() => Store.RemoveEarlierGenerations(keepRecords: false, []));
        Assert.Throws<ObjectDisposedException>(() => Store.WriteNextDescription(NextDescription));
        Assert.Throws<ObjectDisposedException>(Store.InstallNextDescription);
        Assert.Throws<ObjectDisposedException>(Store.DropNextDescription);
        Assert.Throws<ObjectDisposedException>(() => Store.ReadNextDescription());
    }

    private static Guid Numbered(int n) => new(n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(text + "\n");

    private static StoreCommit Lines(long expectedHead, params string[] lines) =>
        new(expectedHead, [], [.. lines.Select(line => (ReadOnlyMemory<byte>)Line(line))], []);

    private static StoreCommit Creation(long expectedHead, Guid key, uint version, params string[] lines) =>
        Lines(expectedHead, lines) with { Records = [new SealedRecord(key, version, SealedBytes)] };

    private void Create() => Store.Create(Description, "line 1\n"u8);

    private string Journal() => Tail(0);

    private string Tail(long afterSeq)
    {
        JournalTail tail = Store.ReadJournal(afterSeq);
        Assert.Equal(afterSeq, tail.AfterSeq);
        return Encoding.UTF8.GetString(tail.Bytes.Span);
    }
}

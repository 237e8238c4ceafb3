using System.Text;
using RonKms.Storage;
using Xunit;

namespace RonKms.Testing;

/// <content>Later generations, and descriptions that take another's place.</content>
public abstract partial class SealedStoreContract
{
    private static readonly byte[] NextDescription = "{\"gen\":2}"u8.ToArray();
    private static readonly byte[] ResealedBytes = "RONK: the same key, sealed again"u8.ToArray();

    [Fact]
    public void Nothing_of_a_generation_counts_before_it_is_committed()
    {
        CreateWithRecord();

        using IGenerationBuilder builder = Store.BuildGeneration(2);
        Fill(builder);

        RequireOld();
        Assert.Equal(CommitResult.Committed, Store.Commit(Lines(2, "line 3")));
    }

    [Fact]
    public void A_generation_that_is_dropped_leaves_the_store_as_it_was()
    {
        CreateWithRecord();

        using (IGenerationBuilder builder = Store.BuildGeneration(2))
        {
            Fill(builder);
        }

        RequireOld();
        Assert.Equal(CommitResult.Committed, Store.Commit(Lines(2, "line 3")));
        Commit(2);
        RequireNew();
    }

    [Fact]
    public void A_committed_generation_takes_the_others_place_whole()
    {
        CreateWithRecord();
        Commit(2);

        RequireNew();
        Store.RemoveEarlierGenerations(keepRecords: false, []);
        Store.RemoveEarlierGenerations(keepRecords: false, []);
        RequireNew();
    }

    [Fact]
    public void The_numbers_of_lines_go_on_in_a_later_generation()
    {
        CreateWithRecord();
        Commit(2);

        Assert.Equal("second 11\n", Tail(10));
        Assert.Equal(string.Empty, Tail(11));
        Assert.Equal("second 10"u8.ToArray(), Store.ReadLine(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.ReadLine(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.ReadLine(12));
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.ReadJournal(12));
        Assert.Equal(CommitResult.Conflict, Store.Commit(Lines(2, "of the old head")));
        Assert.Equal(CommitResult.Committed, Store.Commit(Creation(11, Key, 3, "line 12")));
        Assert.Equal("line 12"u8.ToArray(), Store.ReadLine(12));
        Assert.Equal(SealedBytes, Store.ReadRecord(Key, 3));
        Assert.Equal("second 10\nsecond 11\nline 12\n", Journal());
    }

    [Fact]
    public void A_later_generation_may_be_opened_like_one_that_was_there()
    {
        CreateWithRecord();
        Commit(2);

        Store.UseGeneration(2);
        Store.Settle(new JournalSettlement(11, Journal().Length, "second 10\n".Length, [], []));

        RequireNew();
        Assert.Equal(CommitResult.Committed, Store.Commit(Lines(11, "line 12")));
    }

    [Fact]
    public void An_earlier_generation_is_gone_once_it_was_removed()
    {
        CreateWithRecord();
        Commit(2);
        Store.RemoveEarlierGenerations(keepRecords: false, []);

        KmsException refusal = Assert.Throws<KmsException>(() => Store.UseGeneration(1));

        Assert.Equal(KmsError.SealedCorrupt, refusal.Error);
        RequireNew();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Numbers_of_generations_only_grow(long atLeast)
    {
        CreateWithRecord();
        long last = 1;
        for (int n = 0; n < 3; n++)
        {
            using IGenerationBuilder builder = Store.BuildGeneration(atLeast);
            Assert.True(builder.Number > last);
            Assert.True(builder.Number >= atLeast);
            last = builder.Number;
            builder.Append(Line("first"));
            builder.Commit(NextDescription, 10 + n);
            Store.RemoveEarlierGenerations(keepRecords: n == 1, []);
        }

        Assert.Equal("first\n", Journal());
    }

    [Fact]
    public void A_generation_may_be_built_where_there_is_no_store()
    {
        Commit(5);

        RequireNew();
        Assert.Equal(CommitResult.Committed, Store.Commit(Lines(11, "line 12")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("no line feed")]
    [InlineData("two\nlines\n")]
    public void A_builder_takes_one_line_at_a_time(string line)
    {
        CreateWithRecord();
        using IGenerationBuilder builder = Store.BuildGeneration(2);

        Assert.Throws<ArgumentException>(() => builder.Append(Encoding.UTF8.GetBytes(line)));

        Fill(builder);
        builder.Commit(NextDescription, 10);
        RequireNew();
    }

    [Fact]
    public void What_a_builder_is_given_is_copied()
    {
        CreateWithRecord();
        byte[] line = Line("second 10");
        byte[] record = [.. ResealedBytes];
        byte[] remains = [.. HeaderBytes];
        byte[] description = [.. NextDescription];
        using (IGenerationBuilder builder = Store.BuildGeneration(2))
        {
            builder.Append(line);
            builder.Append(Line("second 11"));
            builder.AddRecord(new SealedRecord(Key, 2, record));
            builder.AddRemains(new RecordRemoval(Key, 1, remains));
            Array.Clear(line);
            Array.Clear(record);
            Array.Clear(remains);
            builder.Commit(description, 10);
            Array.Clear(description);
        }

        RequireNew();
    }

    [Fact]
    public async Task Readers_go_on_while_generations_are_built_and_removed_and_see_each_whole()
    {
        const int Changes = 25;
        const int Records = 8;
        Create();
        Replace(Records);

        // Only the commit itself needs the store for itself.
        using var gate = new ReaderWriterLockSlim();
        using var started = new CountdownEvent(2);
        bool isDone = false;
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () =>
            {
                started.Signal();
                do
                {
                    gate.EnterReadLock();
                    try
                    {
                        string generation = Encoding.UTF8.GetString(Store.ReadDescription()!);
                        Assert.Equal(string.Concat(Enumerable.Repeat(generation + "\n", Records)), Journal());
                        Assert.Equal(Records, Store.ListRecords().Count());
                        Assert.All(Enumerable.Range(0, Records), n => Assert.Equal(generation, Encoding.UTF8.GetString(Store.ReadRecord(Numbered(n), 1)!)));
                    }
                    finally
                    {
                        gate.ExitReadLock();
                    }
                }
                while (!Volatile.Read(ref isDone));
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        started.Wait(TestContext.Current.CancellationToken);

        for (int n = 0; n < Changes; n++) Replace(Records, gate);

        Volatile.Write(ref isDone, true);
        await Task.WhenAll(readers);
    }

    [Fact]
    public void A_next_description_counts_once_it_is_installed()
    {
        CreateWithRecord();
        Assert.Null(Store.ReadNextDescription());

        Store.WriteNextDescription("{\"an\":1}"u8);
        Store.WriteNextDescription(NextDescription);
        Assert.Equal(NextDescription, Store.ReadNextDescription());
        RequireOld();

        Store.InstallNextDescription();
        Assert.Null(Store.ReadNextDescription());
        Assert.Equal(NextDescription, Store.ReadDescription());
        Assert.Equal(SealedBytes, Store.ReadRecord(Key, 1));
        Assert.Equal(CommitResult.Committed, Store.Commit(Lines(2, "line 3")));
    }

    [Fact]
    public void A_next_description_that_is_dropped_was_never_there()
    {
        CreateWithRecord();
        Store.WriteNextDescription(NextDescription);

        Store.DropNextDescription();
        Store.DropNextDescription();

        Assert.Null(Store.ReadNextDescription());
        RequireOld();
        Assert.Equal(CommitResult.Committed, Store.Commit(Lines(2, "line 3")));
    }

    private void CreateWithRecord()
    {
        Create();
        Store.Commit(Creation(1, Key, 1, "line 2"));
    }

    private static void Fill(IGenerationBuilder builder)
    {
        builder.Append(Line("second 10"));
        builder.Append(Line("second 11"));
        builder.AddRecord(new SealedRecord(Key, 2, ResealedBytes));
        builder.AddRemains(new RecordRemoval(Key, 1, HeaderBytes));
    }

    private void Commit(long atLeast)
    {
        using IGenerationBuilder builder = Store.BuildGeneration(atLeast);
        Fill(builder);
        builder.Commit(NextDescription, 10);
    }

    /// <summary>Puts a generation in place whose description, lines and records all tell its number.</summary>
    private void Replace(int records, ReaderWriterLockSlim? gate = null)
    {
        using IGenerationBuilder builder = Store.BuildGeneration(2);
        string generation = $"generation {builder.Number}";
        for (int n = 0; n < records; n++)
        {
            builder.Append(Line(generation));
            builder.AddRecord(new SealedRecord(Numbered(n), 1, Encoding.UTF8.GetBytes(generation)));
        }

        gate?.EnterWriteLock();
        try
        {
            builder.Commit(Encoding.UTF8.GetBytes(generation), 10 * builder.Number);
        }
        finally
        {
            gate?.ExitWriteLock();
        }

        Store.RemoveEarlierGenerations(keepRecords: false, []);
    }

    private void RequireOld()
    {
        Assert.Equal(Description, Store.ReadDescription());
        Assert.Equal("line 1\nline 2\n", Journal());
        Assert.Equal(SealedBytes, Store.ReadRecord(Key, 1));
        Assert.Null(Store.ReadRecord(Key, 2));
        Assert.Null(Store.ReadRemains(Key, 1));
        Assert.Equal([(Key, 1u)], Store.ListRecords());
    }

    private void RequireNew()
    {
        Assert.Equal(NextDescription, Store.ReadDescription());
        Assert.Equal("second 10\nsecond 11\n", Journal());
        Assert.Null(Store.ReadRecord(Key, 1));
        Assert.Equal(ResealedBytes, Store.ReadRecord(Key, 2));
        Assert.Equal(HeaderBytes, Store.ReadRemains(Key, 1));
        Assert.Equal([(Key, 2u)], Store.ListRecords());
    }
}

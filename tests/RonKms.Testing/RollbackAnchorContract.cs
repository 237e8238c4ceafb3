using RonKms.Custody;
using Xunit;

namespace RonKms.Testing;

/// <summary>What every <see cref="IRollbackAnchor"/> does, whatever it is made of. Derive, and say how one that knows nothing is made.</summary>
public abstract class RollbackAnchorContract
{
    private static readonly Guid s_store = new("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
    private readonly Lazy<IRollbackAnchor> _anchor;

    /// <summary>Prepares a test.</summary>
    protected RollbackAnchorContract() => _anchor = new Lazy<IRollbackAnchor>(Open);

    private IRollbackAnchor Anchor => _anchor.Value;

    /// <summary>Opens the anchor of this test: the first time it knows nothing, later it is the same place.</summary>
    /// <returns>The anchor.</returns>
    protected abstract IRollbackAnchor Open();

    [Fact]
    public void Its_kind_is_a_name_that_journals_can_hold() =>
        Assert.True(Anchor.Kind.Length is > 0 and <= 64 && Anchor.Kind != "none" && Anchor.Kind.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));

    [Fact]
    public void A_store_that_was_never_written_is_unknown() => Assert.Null(Anchor.Read(s_store));

    [Theory]
    [InlineData(1)]
    [InlineData((1L << 53) - 1)]
    public void What_was_written_is_read_as_it_was(long seq)
    {
        AnchorHead head = new(s_store, seq, new string('0', 64), new string('f', 64));

        Assert.True(Anchor.TryAdvance(null, head));

        Assert.Equal(head, Anchor.Read(s_store));
        Assert.Equal(head, Open().Read(s_store));
    }

    [Fact]
    public void It_goes_on_from_what_was_expected()
    {
        Assert.True(Anchor.TryAdvance(null, Head(1)));
        Assert.True(Anchor.TryAdvance(Head(1), Head(2)));
        Assert.True(Open().TryAdvance(Head(2), Head(9)));

        Assert.Equal(Head(9), Anchor.Read(s_store));
    }

    [Fact]
    public void The_same_head_may_be_written_again()
    {
        Anchor.TryAdvance(null, Head(1));

        Assert.True(Anchor.TryAdvance(Head(1), Head(1)));
        Assert.Equal(Head(1), Anchor.Read(s_store));
    }

    [Fact]
    public void A_store_that_is_known_is_not_taken_for_unknown()
    {
        Anchor.TryAdvance(null, Head(1));

        Assert.False(Anchor.TryAdvance(null, Head(2)));
        Assert.Equal(Head(1), Anchor.Read(s_store));
    }

    [Fact]
    public void A_store_that_is_unknown_is_not_taken_for_known()
    {
        Assert.False(Anchor.TryAdvance(Head(1), Head(2)));
        Assert.Null(Anchor.Read(s_store));
    }

    [Fact]
    public void Any_other_member_than_expected_refuses_and_changes_nothing()
    {
        Anchor.TryAdvance(null, Head(3));
        AnchorHead[] others =
        [
            Head(2), Head(4), Head(3) with { Head = new string('e', 64) }, Head(3) with { Mac = new string('e', 64) },
        ];

        Assert.All(others, other => Assert.False(Anchor.TryAdvance(other, Head(5))));
        Assert.Equal(Head(3), Anchor.Read(s_store));
    }

    [Fact]
    public void Stores_are_kept_apart()
    {
        AnchorHead other = Head(7) with { StoreId = Guid.NewGuid() };
        Anchor.TryAdvance(null, Head(1));

        Assert.Null(Anchor.Read(other.StoreId));
        Assert.True(Anchor.TryAdvance(null, other));
        Assert.True(Anchor.TryAdvance(Head(1), Head(2)));

        Assert.Equal(other, Anchor.Read(other.StoreId));
        Assert.Equal(Head(2), Anchor.Read(s_store));
    }

    [Fact]
    public async Task Of_several_who_expect_the_same_one_gets_it()
    {
        Anchor.TryAdvance(null, Head(1));
        using Barrier together = new(4);
        bool[] won = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Factory.StartNew(
            () =>
            {
                IRollbackAnchor anchor = Open();
                Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(60)));
                return anchor.TryAdvance(Head(1), Head(2) with { Mac = new string((char)('0' + i), 64) });
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        int winner = Array.IndexOf(won, true);
        Assert.Equal(Head(2) with { Mac = new string((char)('0' + winner), 64) }, Anchor.Read(s_store));
        Assert.Equal(1, won.Count(one => one));
    }

    private static AnchorHead Head(long seq) => new(s_store, seq, new string((char)('0' + (seq % 10)), 64), new string('a', 64));
}

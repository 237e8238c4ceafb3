using RonKms.Custody;
using RonKms.Tests.Keystores;

namespace RonKms.Tests.Custody;

/// <summary>The list that is made while a journal is read.</summary>
public sealed class RecordListingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(10_000_000)]
    public void A_list_that_cannot_be_made_is_told_to_who_asks_for_it(int journalLength)
    {
        KmsException failure = new(KmsError.StoreFailed, "the disk is gone");
        using SpyStore store = new() { OnListRecords = () => throw failure };

        using RecordListing listing = new(store, journalLength);

        Assert.Same(failure, Assert.Throws<KmsException>(() => listing.TakeAllBut((_, _) => false)));
    }

    [Fact]
    public void A_list_that_nobody_asks_for_is_no_failure()
    {
        using SpyStore store = new() { OnListRecords = () => throw new KmsException(KmsError.StoreFailed, "the disk is gone") };

        new RecordListing(store, 10_000_000).Dispose();

        Assert.False(store.IsDisposed);
    }
}

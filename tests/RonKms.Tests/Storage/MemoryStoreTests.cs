using RonKms.Storage;
using RonKms.Testing;

namespace RonKms.Tests.Storage;

public sealed class MemoryStoreTests : SealedStoreContract
{
    [Fact]
    public void It_says_that_it_is_gone_with_the_process()
    {
        using var store = new MemoryStore();

        Assert.Equal("memory:", store.Location);
        Assert.True(store.IsVolatile);
    }

    protected override ISealedStore MakeEmpty() => new MemoryStore();
}

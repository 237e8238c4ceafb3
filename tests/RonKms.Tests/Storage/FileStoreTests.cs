using RonKms.Storage;
using RonKms.Testing;

namespace RonKms.Tests.Storage;

public sealed class FileStoreTests : SealedStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    public override void Dispose()
    {
        base.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void It_says_where_it_is()
    {
        using FileStore store = FileStore.Open(_directory["other"] + "/", new FileStoreOptions { Create = true });

        Assert.Equal("file:" + _directory["other"], store.Location);
        Assert.False(store.IsVolatile);
    }

    protected override ISealedStore MakeEmpty() => FileStore.Open(_directory["store"], new FileStoreOptions { Create = true });
}

using RonKms.Storage;

namespace RonKms.Tests.Storage;

public sealed class StoreLayoutTests
{
    [Theory]
    [InlineData("g1")]
    [InlineData("g70")]
    [InlineData("lock")]
    [InlineData("lost")]
    [InlineData("archive")]
    [InlineData("store.json")]
    [InlineData("store.json.tmp")]
    [InlineData("store.json.next")]
    [InlineData("store.json.next.tmp")]
    public void What_a_store_makes_is_known_by_its_name(string name) => Assert.True(StoreLayout.IsOfStore(name));

    [Theory]
    [InlineData("")]
    [InlineData("g")]
    [InlineData("g01")]
    [InlineData("keys")]
    [InlineData("store.json2")]
    public void Nothing_else_is(string name) => Assert.False(StoreLayout.IsOfStore(name));
}

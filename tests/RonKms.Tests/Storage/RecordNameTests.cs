using RonKms.Storage;

namespace RonKms.Tests.Storage;

public sealed class RecordNameTests
{
    private static readonly Guid Key = new("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");

    [Fact]
    public void A_name_is_read_as_it_is_written()
    {
        foreach (RecordName name in new[] { new RecordName(Key, 1, ".ronk"), new RecordName(Key, uint.MaxValue, ".pub") })
        {
            Assert.True(RecordName.TryParse("0a", name.ToString(), out RecordName parsed));
            Assert.Equal(name, parsed);
        }

        Assert.Equal("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.v12.ronk", new RecordName(Key, 12, ".ronk").ToString());
    }

    [Theory]
    [InlineData("0b", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.v1.ronk")]
    [InlineData("0A", "0A1B2C3D-4e5f-6071-8293-a4b5c6d7e8f9.v1.ronk")]
    [InlineData("0a", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.v0.ronk")]
    [InlineData("0a", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.v01.ronk")]
    [InlineData("0a", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.v4294967296.ronk")]
    [InlineData("0a", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.v1\0.ronk")]
    [InlineData("0a", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.v.ronk")]
    [InlineData("0a", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.x1.ronk")]
    [InlineData("0a", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.v1.ronk.tmp")]
    [InlineData("0a", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.v1.RONK")]
    [InlineData("0a", "0a1b2c3d4e5f60718293a4b5c6d7e8f9.v1.ronk")]
    [InlineData("0a", "v1.ronk")]
    [InlineData("0a", "")]
    public void No_other_spelling_is_taken(string directory, string name) => Assert.False(RecordName.TryParse(directory, name, out _));
}

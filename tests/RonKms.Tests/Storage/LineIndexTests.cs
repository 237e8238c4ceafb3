using RonKms.Storage;

namespace RonKms.Tests.Storage;

public sealed class LineIndexTests
{
    [Theory]
    [InlineData(0, 256)]
    [InlineData(256, 512)]
    [InlineData(1 << 29, 1 << 30)]
    public void Room_doubles(int count, int room) => Assert.Equal(room, LineIndex.Room(count));

    [Theory]
    [InlineData(1 << 30)]
    [InlineData((1 << 30) + 1)]
    [InlineData(int.MaxValue - 100)]
    public void Room_ends_where_arrays_do(int count) => Assert.Equal(Array.MaxLength, LineIndex.Room(count));
}

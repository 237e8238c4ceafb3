namespace RonKms.Tests.Memory;

public sealed class SecretBytesTests
{
    [Fact]
    public void NewBufferIsZeroAndOfTheLengthAskedFor()
    {
        foreach (int length in new[] { 0, 1, 63, 64, 65, 16_384, 16_385, 100_000 })
        {
            using SecretBytes secret = SecretBytes.Allocate(length);
            Assert.Equal(length, secret.Length);
            Assert.Equal(length, secret.Reveal().Length);
            Assert.Equal(-1, secret.Reveal().IndexOfAnyExcept((byte)0));
            secret.Reveal().Fill(0xFF);
        }
    }

    [Fact]
    public void CopyIsItsOwn()
    {
        byte[] source = [1, 2, 3];
        using SecretBytes secret = SecretBytes.CopyOf(source);
        source[0] = 9;
        Assert.Equal([1, 2, 3], secret.Reveal().ToArray());
    }

    [Fact]
    public void DisposedBufferIsWipedAndNoLongerRevealed()
    {
        SecretBytes secret = SecretBytes.CopyOf([1, 2, 3]);
        secret.Dispose();
        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => secret.Reveal());
    }

    [Fact]
    public void TextOfABufferTellsNothing()
    {
        using SecretBytes secret = SecretBytes.CopyOf([1, 2, 3]);
        Assert.Equal(typeof(SecretBytes).FullName, secret.ToString());
    }
}

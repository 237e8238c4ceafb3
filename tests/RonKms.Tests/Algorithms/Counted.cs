namespace RonKms.Tests.Algorithms;

/// <summary>A disposable that knows whether it is disposed.</summary>
internal sealed class Counted : IDisposable
{
    private int _users;

    internal bool IsDisposed { get; private set; }

    public void Dispose()
    {
        Assert.False(IsDisposed);
        IsDisposed = true;
    }

    /// <summary>Fails where two threads use it at once, or after disposal.</summary>
    internal void Use()
    {
        Assert.Equal(1, Interlocked.Increment(ref _users));
        Assert.False(IsDisposed);
        Interlocked.Decrement(ref _users);
    }
}

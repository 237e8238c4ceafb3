using System.Collections.Concurrent;
using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

public sealed class HandlePoolTests
{
    [Fact]
    public void WhatIsReturnedIsRentedAgain()
    {
        using HandlePool<Counted> pool = new(() => new Counted());
        Counted first = pool.Rent();
        pool.Return(first);
        Assert.Same(first, pool.Rent());
        Assert.NotSame(first, pool.Rent());
    }

    [Fact]
    public void WhatDoesNotFitBackIsDisposed()
    {
        using HandlePool<Counted> pool = new(() => new Counted());
        int kept = Math.Max(2, Environment.ProcessorCount);
        Counted[] rented = [.. Enumerable.Range(0, kept + 3).Select(_ => pool.Rent())];
        Array.ForEach(rented, pool.Return);
        Assert.Equal(3, rented.Count(c => c.IsDisposed));
    }

    [Fact]
    public void DisposalDisposesWhatIsIdle()
    {
        HandlePool<Counted> pool = new(() => new Counted());
        Counted handle = pool.Rent();
        pool.Return(handle);
        pool.Dispose();
        Assert.True(handle.IsDisposed);
    }

    [Fact]
    public void TwoThreadsNeverHoldTheSameHandle()
    {
        ConcurrentBag<Counted> made = [];
        HandlePool<Counted> pool = new(() =>
        {
            Counted handle = new();
            made.Add(handle);
            return handle;
        });
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            Counted handle = pool.Rent();
            handle.Use();
            pool.Return(handle);
        });
        pool.Dispose();
        Assert.All(made, handle => Assert.True(handle.IsDisposed));
    }
}

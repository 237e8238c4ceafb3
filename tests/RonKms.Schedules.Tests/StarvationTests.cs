namespace RonKms.Schedules;

/// <summary>The library needs no thread of the thread pool: with all of them blocked, its callers get on.</summary>
public sealed class StarvationTests
{
    private const int Callers = 64;
    private const int Rounds = 20;
    private static readonly TimeSpan s_tooLong = TimeSpan.FromMinutes(2);

    [Fact]
    public void Callers_get_on_where_the_thread_pool_is_blocked() => Starve(TimeSpan.Zero);

    [Fact(Explicit = true)]
    public void Callers_get_on_for_long_where_the_thread_pool_is_blocked() => Starve(TimeSpan.FromMinutes(5));

    private static void Starve(TimeSpan atLeast)
    {
        ThreadPool.GetMinThreads(out int min, out int minPorts);
        ThreadPool.GetMaxThreads(out int max, out int maxPorts);
        int most = Math.Max(Environment.ProcessorCount, ThreadPool.ThreadCount);
        Assert.True(ThreadPool.SetMinThreads(1, 1) && ThreadPool.SetMaxThreads(most, maxPorts));
        using CountdownEvent blocked = new(most);
        using ManualResetEventSlim free = new();
        try
        {
            for (int i = 0; i < most; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(_ => Block(blocked, free), null);
            }

            // This test itself, and its runner, may be on some of them: what is queued last shows that none is left.
            blocked.Wait(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            bool isLeft = false;
            ThreadPool.UnsafeQueueUserWorkItem(_ => Volatile.Write(ref isLeft, true), null);
            Use(atLeast);
            Assert.False(Volatile.Read(ref isLeft), "The thread pool was not blocked.");
        }
        finally
        {
            free.Set();
            ThreadPool.SetMaxThreads(max, maxPorts);
            ThreadPool.SetMinThreads(min, minPorts);

            // Who was queued behind still needs the two events.
            blocked.Wait(TestContext.Current.CancellationToken);
        }
    }

    private static void Block(CountdownEvent blocked, ManualResetEventSlim free)
    {
        blocked.Signal();
        free.Wait();
    }

    private static void Use(TimeSpan atLeast)
    {
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { Metrics = false, OpenedKeyLimit = 4 });
        KeyId[] keys = [.. Enumerable.Range(0, 8).Select(_ => keystore.Create("t", "p", KeyAlgorithm.Ed25519))];
        List<Exception> failures = [];
        long begun = TimeProvider.System.GetTimestamp();
        Thread[] callers = [.. Enumerable.Range(0, Callers).Select(caller => new Thread(() => Call(caller)) { IsBackground = true })];
        Array.ForEach(callers, caller => caller.Start());
        Assert.All(callers, caller => Assert.True(caller.Join(atLeast + s_tooLong), "A caller waits for ever."));
        Assert.Empty(failures);

        void Call(int caller)
        {
            try
            {
                for (int round = 0; round < Rounds || TimeProvider.System.GetElapsedTime(begun) < atLeast; round++)
                {
                    KeyId key = keys[(caller + round) % keys.Length];
                    byte[] signature = keystore.Sign(key.Latest, "m"u8, out KeyId by);
                    Assert.True(keystore.Verify(by, "m"u8, signature));
                    if (round % 10 == 0)
                    {
                        keystore.Disable(keystore.Create("t", "q", KeyAlgorithm.Ed25519));
                    }
                }
            }
            catch (Exception e)
            {
                lock (failures)
                {
                    failures.Add(e);
                }
            }
        }
    }
}

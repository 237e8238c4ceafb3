using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Seeded;

/// <summary>The same without their faults: an exploration must come to its end.</summary>
internal static class Sound
{
    internal static Trial Update()
    {
        int[] count = [0];
        void Add() => Interlocked.Increment(ref count[0]);
        return new Trial(Add, Add) { Check = () => Assert.Equal(2, count[0]) };
    }

    internal static Trial Wakeup()
    {
        object gate = new();
        bool[] isDone = [false];
        return new Trial(
            () =>
            {
                lock (gate)
                {
                    while (!isDone[0])
                    {
                        Monitor.Wait(gate);
                    }
                }
            },
            () =>
            {
                lock (gate)
                {
                    isDone[0] = true;
                    Monitor.Pulse(gate);
                }
            });
    }

    internal static Trial Readers()
    {
        ReaderWriterLockSlim gate = new(LockRecursionPolicy.SupportsRecursion);
        int[] pair = [0, 0];
        void Read()
        {
            gate.EnterReadLock();
            gate.EnterReadLock();
            Assert.Equal(Volatile.Read(ref pair[0]), Volatile.Read(ref pair[1]));
            gate.ExitReadLock();
            gate.ExitReadLock();
        }

        return new Trial(
            Read,
            () =>
            {
                gate.EnterWriteLock();
                Volatile.Write(ref pair[0], 1);
                Volatile.Write(ref pair[1], 1);
                gate.ExitWriteLock();
            })
        {
            Clean = gate.Dispose,
        };
    }

    internal static Trial Timeout()
    {
        object gate = new();
        return new Trial(() =>
        {
            lock (gate)
            {
                Assert.False(Monitor.Wait(gate, TimeSpan.FromHours(1)));
            }
        });
    }
}

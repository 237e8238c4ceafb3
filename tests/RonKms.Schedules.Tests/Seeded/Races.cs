using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Seeded;

/// <summary>Faults that an exploration must find.</summary>
internal static class Races
{
    internal static Trial LostUpdate()
    {
        int[] count = [0];
        void Add() => Volatile.Write(ref count[0], Volatile.Read(ref count[0]) + 1);
        return new Trial(Add, Add) { Check = () => Assert.Equal(2, count[0]) };
    }

    internal static Trial CheckThenAct()
    {
        List<object> made = [];
        Lazily lazily = new(made);
        return new Trial(() => lazily.Get(), () => lazily.Get(), () => lazily.Get()) { Check = () => Assert.Single(made) };
    }

    internal static Trial LockOrder()
    {
        Lock one = new();
        object two = new();
        return new Trial(
            () =>
            {
                lock (one)
                {
                    lock (two)
                    {
                    }
                }
            },
            () =>
            {
                lock (two)
                {
                    lock (one)
                    {
                    }
                }
            });
    }

    internal static Trial LostWakeup()
    {
        object gate = new();
        bool[] isDone = [false];
        return new Trial(
            () =>
            {
                if (!Volatile.Read(ref isDone[0]))
                {
                    lock (gate)
                    {
                        Monitor.Wait(gate);
                    }
                }
            },
            () =>
            {
                Volatile.Write(ref isDone[0], true);
                lock (gate)
                {
                    Monitor.PulseAll(gate);
                }
            });
    }

    internal static Trial PublishedTooEarly()
    {
        Pair pair = new();
        return new Trial(
            () =>
            {
                pair.IsThere = true;
                pair.First = 1;
            },
            () =>
            {
                if (pair.IsThere)
                {
                    Assert.Equal(1, pair.First);
                }
            })
        {
            StepsAtFields = true,
        };
    }

    internal static Trial TornPair()
    {
        Pair pair = new();
        return new Trial(
            () =>
            {
                lock (pair)
                {
                    pair.First = 1;
                    pair.Second = 1;
                }
            },
            () => Assert.Equal(pair.First, pair.Second))
        {
            StepsAtFields = true,
        };
    }

    internal static Trial StartedThread()
    {
        int[] count = [0];
        void Add() => Volatile.Write(ref count[0], Volatile.Read(ref count[0]) + 1);
        return new Trial(() =>
        {
            Thread other = new(Add, 0);
            other.Start();
            Add();
            other.Join();
            Assert.Equal(2, count[0]);
        });
    }

    internal static Trial WriterLeftOut()
    {
        // Enters to read, and then to write without having left: two of them wait for each other.
        ReaderWriterLockSlim gate = new(LockRecursionPolicy.SupportsRecursion);
        int[] entered = [0];
        void Upgrade()
        {
            gate.EnterReadLock();
            Interlocked.Increment(ref entered[0]);
            gate.ExitReadLock();
            gate.EnterWriteLock();
            int seen = Volatile.Read(ref entered[0]);
            gate.ExitWriteLock();
            Assert.Equal(2, seen);
        }

        return new Trial(Upgrade, Upgrade) { Clean = gate.Dispose };
    }

    private sealed class Lazily(List<object> made)
    {
        private volatile object? _it;

        internal object Get()
        {
            if (_it is null)
            {
                object it = new();
                lock (made)
                {
                    made.Add(it);
                }

                _it = it;
            }

            return _it;
        }
    }

    private sealed class Pair
    {
        internal volatile bool IsThere;
        internal int First;
        internal int Second;
    }
}

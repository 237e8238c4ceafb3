#pragma warning disable CS9216 // A lock is passed on as what it is, and never to a lock statement.
using System.Runtime.CompilerServices;
using Hold = RonKms.Schedules.Engine.Execution.Hold;

namespace RonKms.Schedules.Engine;

/// <summary>What rewritten code calls in place of what synchronises.</summary>
/// <remarks>
/// A thread of a trial first gets what it asks for from the execution, and then really: so that finalizers and whatever else is not under control
/// are kept out as ever. Threads that are not under control do nothing but the real thing.
/// </remarks>
public static class Controlled
{
    private static readonly ConditionalWeakTable<Thread, ThreadStart> s_work = [];
    private static readonly ConditionalWeakTable<Thread, ControlledThread> s_started = [];

    /// <summary>A step, after which other threads may have gone on.</summary>
    public static void Step(string what) => ControlledThread.Current?.Step(what);

    /// <summary>A step at the access of a plain field.</summary>
    public static void FieldStep(string what)
    {
        if (ControlledThread.Current is { Execution.StepsAtFields: true } me)
        {
            me.Step(what);
        }
    }

    /// <summary>What would escape control within a trial.</summary>
    public static void Escape(string what)
    {
        if (ControlledThread.Current is not null)
        {
            throw new NotSupportedException(what + " runs or waits for what is not under control: no trial can use it.");
        }
    }

    public static void Enter(object it, ref bool taken, string what)
    {
        Acquire(it, what);
        Monitor.Enter(it, ref taken);
    }

    public static void Enter(object it, string what)
    {
        Acquire(it, what);
        Monitor.Enter(it);
    }

    public static void Exit(object it, string what)
    {
        Monitor.Exit(it);
        Release(it, 1);
    }

    public static bool Wait(object it, string what) => Wait(it, Timeout.InfiniteTimeSpan, what);

    public static bool Wait(object it, TimeSpan timeout, string what)
    {
        if (Now() is not { } me)
        {
            return Monitor.Wait(it, timeout);
        }

        Hold hold = HoldOf(me, it);
        me.Step(what, hold);
        int count = hold.Count;
        for (int i = 0; i < count; i++)
        {
            Monitor.Exit(it);
        }

        Release(it, count);
        hold.Waiting.Add(me);
        me.Step(what + ", waiting", hold, () => !hold.Waiting.Contains(me) && hold.IsFreeFor(me), timeout != Timeout.InfiniteTimeSpan);
        bool isWoken = !hold.Waiting.Remove(me);
        Take(me, it, count, what);
        for (int i = 0; i < count; i++)
        {
            Monitor.Enter(it);
        }

        return isWoken;
    }

    public static void Pulse(object it, string what)
    {
        Monitor.Pulse(it);
        if (Now() is { } me && HoldOf(me, it).Waiting is [_, ..] waiting)
        {
            waiting.RemoveAt(0);
        }
    }

    public static void PulseAll(object it, string what)
    {
        Monitor.PulseAll(it);
        if (Now() is { } me)
        {
            HoldOf(me, it).Waiting.Clear();
        }
    }

    public static void Enter(Lock it, string what)
    {
        Acquire(it, what);
        it.Enter();
    }

    public static bool TryEnter(Lock it, string what)
    {
        if (Now() is { } me)
        {
            Hold hold = HoldOf(me, it);
            me.Step(what, hold);
            if (!hold.IsFreeFor(me))
            {
                return false;
            }

            Take(me, it, 1, what);
        }

        return it.TryEnter();
    }

    /// <summary>No trial lasts as long as anybody's patience.</summary>
    public static bool TryEnter(Lock it, TimeSpan patience, string what)
    {
        Enter(it, what);
        return true;
    }

    public static void Exit(Lock it, string what)
    {
        it.Exit();
        Release(it, 1);
    }

    public static Lock.Scope EnterScope(Lock it, string what)
    {
        Acquire(it, what);
        ControlledThread.Current?.Scopes.Push(it);
        return it.EnterScope();
    }

    public static void ExitScope(ref Lock.Scope scope, string what)
    {
        scope.Dispose();
        if (ControlledThread.Current is { Scopes: { Count: > 0 } scopes })
        {
            Release(scopes.Pop(), 1);
        }
    }

    public static void EnterReadLock(ReaderWriterLockSlim it, string what)
    {
        if (Now() is { } me)
        {
            Hold hold = HoldOf(me, it);
            me.Step(what, hold);

            // Who waits to write goes first, but does not keep out who is in already.
            bool MayRead() => hold.IsFreeFor(me) && (hold.Writers == 0 || hold.Owner == me || hold.Readers.Contains(me));
            if (!MayRead())
            {
                me.Step(what + ", waiting", hold, MayRead);
            }

            hold.Readers.Add(me);
        }

        it.EnterReadLock();
    }

    public static void ExitReadLock(ReaderWriterLockSlim it, string what)
    {
        it.ExitReadLock();
        if (Now() is { } me)
        {
            HoldOf(me, it).Readers.Remove(me);
        }
    }

    public static void EnterWriteLock(ReaderWriterLockSlim it, string what)
    {
        if (Now() is { } me)
        {
            Hold hold = HoldOf(me, it);
            me.Step(what, hold);
            bool MayWrite() => hold.IsFreeFor(me) && hold.Readers.TrueForAll(reader => reader == me && hold.Owner == me);
            if (!MayWrite())
            {
                hold.Writers++;
                me.Step(what + ", waiting", hold, MayWrite);
                hold.Writers--;
            }

            hold.Owner = me;
            hold.Count++;
        }

        it.EnterWriteLock();
    }

    public static void ExitWriteLock(ReaderWriterLockSlim it, string what)
    {
        it.ExitWriteLock();
        Release(it, 1);
    }

    public static void Wait(ManualResetEventSlim it, string what)
    {
        if (Now() is { } me)
        {
            me.Step(what);
            me.Step(what + ", waiting", isReady: () => it.IsSet);
        }

        it.Wait();
    }

    public static void SpinOnce(ref SpinWait it, string what)
    {
        // Who spins waits for what another one does.
        if (Now() is { } me)
        {
            int steps = me.Execution.Steps;
            me.Step(what, isReady: () => me.Execution.Steps > steps + 1, mayTimeOut: true);
        }
        else
        {
            it.SpinOnce();
        }
    }

    public static Thread NewThread(ThreadStart work, int maxStackSize, string what)
    {
        Thread thread = new(work, maxStackSize);
        if (Now() is not null)
        {
            s_work.Add(thread, work);
        }

        return thread;
    }

    /// <summary>Starts a thread; within a trial one more of the trial's does its work.</summary>
    public static void Start(Thread it, string what)
    {
        if (Now() is { } me && s_work.TryGetValue(it, out ThreadStart? work))
        {
            s_started.Add(it, me.Execution.Add(() => work()));
            me.Step(what);
        }
        else
        {
            it.Start();
        }
    }

    public static void Join(Thread it, string what)
    {
        if (!s_started.TryGetValue(it, out ControlledThread? started))
        {
            it.Join();
        }
        else if (Now() is { } me)
        {
            me.Step(what, isReady: () => started.HasEnded);
        }
        else
        {
            started.Join();
        }
    }

    private static ControlledThread? Now() => ControlledThread.Current is { Execution.IsOver: false } me ? me : null;

    private static Hold HoldOf(ControlledThread me, object it)
    {
        if (!me.Execution.Holds.TryGetValue(it, out Hold? hold))
        {
            me.Execution.Holds.Add(it, hold = new Hold(me.Execution.Holds.Count + 1));
        }

        return hold;
    }

    private static void Acquire(object it, string what)
    {
        if (Now() is { } me)
        {
            me.Step(what, HoldOf(me, it));
            Take(me, it, 1, what);
        }
    }

    private static void Take(ControlledThread me, object it, int count, string what)
    {
        Hold hold = HoldOf(me, it);
        if (!hold.IsFreeFor(me))
        {
            me.Step(what + ", waiting", hold, () => hold.IsFreeFor(me));
        }

        hold.Owner = me;
        hold.Count += count;
    }

    private static void Release(object it, int count)
    {
        if (Now() is { } me)
        {
            Hold hold = HoldOf(me, it);
            hold.Count -= count;
            if (hold.Count == 0)
            {
                hold.Owner = null;
            }
        }
    }
}

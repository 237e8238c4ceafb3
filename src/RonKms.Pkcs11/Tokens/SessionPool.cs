using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Tokens;

/// <summary>Whose turn it is with a token: some use its sessions, or one alone opens and logs in anew. Keeps the sessions that nobody uses.</summary>
/// <remarks>
/// Thread-safe. A session is idle in here, in the hands of the one who took it, or closed. Nothing in here calls the token: a call that does not
/// come back keeps its place, and holds up nobody for longer than he is willing to wait.
/// </remarks>
internal sealed class SessionPool
{
    private readonly object _turn = new();
    private readonly int _limit;
    private readonly Stack<CULong> _idle = [];
    private int _inUse;
    private bool _isAlone;
    private bool _isClosed;

    /// <summary>Creates a pool.</summary>
    /// <param name="limit">How many use sessions at once.</param>
    internal SessionPool(int limit)
    {
        _limit = limit;
    }

    /// <summary>Waits for a place. Pairs with <see cref="Leave"/>.</summary>
    /// <returns>Whether there was one in time.</returns>
    /// <exception cref="ObjectDisposedException">It is closed, or was while this waited.</exception>
    internal bool TryEnter(TimeSpan patience)
    {
        lock (_turn)
        {
            if (!TryWait(static pool => !pool._isAlone && pool._inUse < pool._limit, patience))
            {
                return false;
            }

            _inUse++;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    /// <returns>Whether it was the last in a pool that is closed.</returns>
    internal bool Leave()
    {
        lock (_turn)
        {
            _inUse--;
            if (_isAlone || _isClosed)
            {
                Monitor.PulseAll(_turn);
            }
            else
            {
                // One place, for one of those who wait for one.
                Monitor.Pulse(_turn);
            }

            return IsLeft;
        }
    }

    /// <summary>Keeps others from entering. Those who are in stay; <see cref="TryWaitForOthers"/> waits for them. Pairs with <see cref="LeaveAlone"/>.</summary>
    /// <returns>Whether the turn came in time.</returns>
    /// <exception cref="ObjectDisposedException">It is closed, or was while this waited.</exception>
    internal bool TryEnterAlone(TimeSpan patience)
    {
        lock (_turn)
        {
            return TryWait(static pool => !pool._isAlone, patience) && (_isAlone = true);
        }
    }

    /// <summary>Waits until nobody is in but the one who entered alone.</summary>
    /// <returns>Whether the others left in time.</returns>
    /// <exception cref="ObjectDisposedException">It was closed while this waited.</exception>
    internal bool TryWaitForOthers(TimeSpan patience)
    {
        lock (_turn)
        {
            return TryWait(static pool => pool._inUse == 0, patience);
        }
    }

    /// <summary>Lets others in again.</summary>
    /// <returns>Whether nobody is left in a pool that is closed.</returns>
    internal bool LeaveAlone()
    {
        lock (_turn)
        {
            _isAlone = false;
            Monitor.PulseAll(_turn);
            return IsLeft;
        }
    }

    /// <summary>Lets nobody in any more: who waits gets <see cref="ObjectDisposedException"/> at once. Whoever leaves last is told.</summary>
    internal void Close()
    {
        lock (_turn)
        {
            _isClosed = true;
            Monitor.PulseAll(_turn);
        }
    }

    /// <summary>Lets others in after all.</summary>
    internal void Reopen()
    {
        lock (_turn)
        {
            _isClosed = false;
            Monitor.PulseAll(_turn);
        }
    }

    /// <summary>Waits until nobody is left in a pool that was closed, or it is opened again.</summary>
    /// <returns>Whether it came to that in time.</returns>
    internal bool IsLeftWithin(TimeSpan patience)
    {
        lock (_turn)
        {
            return TryWait(static pool => pool.IsLeft || !pool._isClosed, patience, isClosing: true);
        }
    }

    /// <summary>Takes a session that nobody uses.</summary>
    internal bool TryTake(out CULong session)
    {
        lock (_turn)
        {
            return _idle.TryPop(out session);
        }
    }

    /// <summary>Gives a session back for the next one.</summary>
    internal void Return(CULong session)
    {
        lock (_turn)
        {
            _idle.Push(session);
        }
    }

    private bool IsLeft => _isClosed && _inUse == 0 && !_isAlone;

    private bool TryWait(Func<SessionPool, bool> isTurn, TimeSpan patience, bool isClosing = false)
    {
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            ObjectDisposedException.ThrowIf(_isClosed && !isClosing, typeof(Pkcs11Token));
            if (isTurn(this))
            {
                return true;
            }

            TimeSpan left = patience - Stopwatch.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            Monitor.Wait(_turn, left);
        }
    }
}

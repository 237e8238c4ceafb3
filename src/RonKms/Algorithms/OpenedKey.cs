namespace RonKms.Algorithms;

/// <summary>A secret made ready for use: an expanded key, a platform handle, a token's handle.</summary>
/// <remarks>
/// Thread-safe. Disposal during a call lets that call end; the secret is wiped when the last call has left, and later calls
/// throw <see cref="ObjectDisposedException"/>.
/// </remarks>
public abstract class OpenedKey : IDisposable
{
    // The owner counts as one user; Wipe runs when the count reaches zero, which it never leaves again.
    private int _users = 1;
    private int _disposed;

    private protected OpenedKey()
    {
    }

    /// <summary>Gives the key up; it is wiped as soon as nobody is using it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Leave();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a use, unless the key is given up. Pairs with <see cref="Leave"/>.</summary>
    internal bool TryEnter()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                if (Volatile.Read(ref _disposed) == 0)
                {
                    return true;
                }

                Leave();
                return false;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>Ends a use that <see cref="TryEnter"/> started.</summary>
    internal void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Wipe();
        }
    }

    /// <summary>Wipes the secret and closes handles. Called exactly once, when no call is under way.</summary>
    protected abstract void Wipe();

    private protected void Enter() => ObjectDisposedException.ThrowIf(!TryEnter(), this);
}

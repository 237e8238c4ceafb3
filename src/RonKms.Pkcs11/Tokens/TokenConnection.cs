using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>A token that this process is logged in to: one login and a bounded pool of sessions, shared by all who use the token.</summary>
/// <remarks>
/// Thread-safe; a session is used by one thread at a time, and closed after any error. Where the token was removed, its sessions closed or
/// its module initialised anew behind our back, one thread opens and logs in again, alone: what was under way has come back by then, and what
/// comes later waits. What failed is done once more.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Close ends it, with its last user.")]
internal sealed class TokenConnection
{
    private static readonly Lock s_opening = new();
    private static readonly List<TokenConnection> s_open = [];

    private readonly ModuleLibrary _module;
    private readonly UserPin _pin;
    private readonly SessionPool _pool;
    private volatile TokenLogin _login;
    private volatile int _epoch;
    private int _users = 1;

    private TokenConnection(ModuleLibrary module, CULong slot, in CK_TOKEN_INFO info, ReadOnlySpan<byte> pin, int maxSessions)
    {
        _module = module;
        Identity = TokenIdentity.Of(info);
        MaxSessions = LimitOf(info, maxSessions);
        _pool = new SessionPool(MaxSessions);
        _pin = new UserPin(Identity, pin);
        try
        {
            _login = TokenLogin.Begin(module, slot, _pin);
        }
        catch
        {
            _pin.Dispose();
            throw;
        }
    }

    /// <summary>How long anybody waits for others who use the token.</summary>
    internal static TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Which token it is.</summary>
    internal TokenIdentity Identity { get; }

    /// <summary>Grows whenever the handles of objects may have become others.</summary>
    internal int Epoch => _epoch;

    /// <summary>Whether what is done with the handle of an object is known to be done with that object; otherwise it is looked up each time.</summary>
    internal bool KeepsHandles => _login.KnowsNumbers;

    /// <summary>Whether the module has C_DecapsulateKey.</summary>
    internal bool HasDecapsulation => _module.Functions.HasDecapsulation;

    /// <summary>How many sessions are used at once at most.</summary>
    internal int MaxSessions { get; }

    /// <summary>Logs in to a token, or shares the login that there is. Pairs with <see cref="Close"/>.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>; <see cref="KmsError.Denied"/>: the token refuses the PIN.</exception>
    internal static TokenConnection Open(string modulePath, Func<CULong, TokenIdentity, bool> isMeant, string name, ReadOnlySpan<byte> pin, int maxSessions)
    {
        lock (s_opening)
        {
            ModuleLibrary module = ModuleLibrary.Open(modulePath);
            try
            {
                (CULong slot, CK_TOKEN_INFO info) = Find(module.Functions, isMeant, name);
                if (s_open.Find(open => ReferenceEquals(open._module, module) && open.Identity == TokenIdentity.Of(info) && open._login.Slot.Equals(slot)) is { } shared)
                {
                    shared.Share(pin);
                    shared._pool.Reopen();
                    module.Close();
                    return shared;
                }

                if (pin.IsEmpty && ((ulong)info.flags.Value & CK.CKF_PROTECTED_AUTHENTICATION_PATH) == 0)
                {
                    throw new ArgumentException($"The PIN of {name} is named nowhere: give it, or a file that holds it (pin-source), or in settings KMS_PKCS11_PIN. Nothing was tried.");
                }

                TokenConnection connection = new(module, slot, info, pin, maxSessions);
                s_open.Add(connection);
                return connection;
            }
            catch (Exception e)
            {
                module.Close();
                if (e is CryptokiException failure)
                {
                    throw TokenFault.Unavailable(name, failure);
                }

                throw;
            }
        }
    }

    /// <summary>Shares the connection with one more user.</summary>
    internal TokenConnection Share()
    {
        lock (s_opening)
        {
            ObjectDisposedException.ThrowIf(_users == 0, typeof(Pkcs11Token));
            _users++;
            return this;
        }
    }

    /// <summary>Ends a use. With the last one what is under way comes to its end, and nothing of ours is left logged in.</summary>
    /// <remarks>A call that does not come back in time is not waited for: it ends the login itself when it does.</remarks>
    internal void Close()
    {
        lock (s_opening)
        {
            if (--_users > 0)
            {
                return;
            }

            _pool.Close();
        }

        if (_pool.IsLeftWithin(Patience))
        {
            Finish();
        }
    }

    /// <summary>Does something in a session; once more where the session turns out to be lost.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>: it cannot be reached, now and after a new login;
    /// <see cref="KmsError.Denied"/>: it refuses the PIN; <see cref="KmsError.Busy"/>: every session is in use for too long;
    /// <see cref="KmsError.AlgUnavailable"/>: it does not do this.</exception>
    internal TResult Do<TState, TResult>(scoped TState state, TokenOperation<TState, TResult> operation)
        where TState : allows ref struct
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            if (!_pool.TryEnter(Patience))
            {
                throw new KmsException(KmsError.Busy, $"All {MaxSessions} sessions of {this} were in use for {Patience.TotalSeconds} s. Try again.");
            }

            int epoch = _epoch;
            try
            {
                return DoInSession(state, operation);
            }
            catch (CryptokiException e) when (isFirst && TokenFault.IsLost(e))
            {
                // Once more, when this place is left.
            }
            catch (CryptokiException e)
            {
                throw TokenFault.Explained(ToString(), e);
            }
            finally
            {
                if (_pool.Leave())
                {
                    Finish();
                }
            }

            Recover(epoch);
        }
    }

    /// <summary>Opens and logs in again where that is needed, and has handles looked up again, unless another thread did so since.</summary>
    /// <param name="epoch">The <see cref="Epoch"/> before whatever gave the reason for it.</param>
    /// <exception cref="KmsException">As for <see cref="Do"/>.</exception>
    internal void Recover(int epoch)
    {
        if (!_pool.TryEnterAlone(Patience))
        {
            throw TokenFault.StillAtWork(ToString());
        }

        try
        {
            if (epoch != _epoch)
            {
                return;
            }

            if (!_login.IsGood(Identity))
            {
                if (!_pool.TryWaitForOthers(Patience))
                {
                    throw TokenFault.StillAtWork(ToString());
                }

                LogInAnew();
            }

            EndIdle();
            _epoch++;
        }
        catch (CryptokiException e)
        {
            throw TokenFault.Unavailable(ToString(), e);
        }
        finally
        {
            if (_pool.LeaveAlone())
            {
                Finish();
            }
        }
    }

    /// <summary>What the token says of a mechanism, or <see langword="null"/> where it does not have it.</summary>
    internal CK_MECHANISM_INFO? FindMechanism(uint mechanism) =>
        Do(mechanism, (functions, _, wanted) => functions.C_GetMechanismInfo(_login.Slot, wanted));

    public override string ToString() => $"the token '{Identity.Label}' (serial {Identity.Serial})";

    private static int LimitOf(in CK_TOKEN_INFO info, int maxSessions)
    {
        // 0 is no limit, all ones is not known; otherwise one session is the held one.
        ulong most = Math.Min(Limit(info.ulMaxSessionCount), Limit(info.ulMaxRwSessionCount));
        return (int)Math.Clamp(most - 1, 1, (ulong)maxSessions);

        static ulong Limit(CULong count) => count.Value == 0 || count.Value is uint.MaxValue || count.Value == nuint.MaxValue ? int.MaxValue : (ulong)count.Value;
    }

    private static (CULong Slot, CK_TOKEN_INFO Info) Find(Cryptoki functions, Func<CULong, TokenIdentity, bool> isMeant, string name)
    {
        List<(CULong Slot, CK_TOKEN_INFO Info)> found = [];
        foreach (CULong slot in functions.C_GetSlotList())
        {
            try
            {
                CK_TOKEN_INFO info = functions.C_GetTokenInfo(slot);
                if (((ulong)info.flags.Value & CK.CKF_TOKEN_INITIALIZED) != 0 && isMeant(slot, TokenIdentity.Of(info)))
                {
                    found.Add((slot, info));
                }
            }
            catch (CryptokiException e) when (e.Code is CKR.CKR_TOKEN_NOT_PRESENT or CKR.CKR_TOKEN_NOT_RECOGNIZED or CKR.CKR_DEVICE_REMOVED)
            {
                // An empty slot, or one with something else in it, is not the one that is looked for.
            }
        }

        return found.Count switch
        {
            1 => found[0],
            0 => throw new KmsException(KmsError.TokenUnavailable, $"There is no initialised token here that fits (asked for: {name}). Check that it is plugged in, and its label and serial number."),
            _ => throw new KmsException(KmsError.TokenUnavailable, $"{found.Count} tokens here fit (asked for: {name}). Name one of them by its serial number or slot-id."),
        };
    }

    private TResult DoInSession<TState, TResult>(scoped TState state, TokenOperation<TState, TResult> operation)
        where TState : allows ref struct
    {
        CULong session = _pool.TryTake(out CULong idle) ? idle : _login.OpenSession();
        bool isWhole = false;
        try
        {
            // Before, so that nothing is done in another token; and after, so that nothing is believed that was done in somebody else's session.
            if (_login.IsInToken(session))
            {
                TResult result = operation(_module.Functions, session, state);
                isWhole = _login.IsMarked(session);
                if (isWhole)
                {
                    return result;
                }
            }
        }
        catch (Exception e) when (!TokenFault.IsLost(e) && !_login.IsMarked(session))
        {
            // What went wrong in somebody else's session says nothing of the token.
        }
        finally
        {
            if (isWhole)
            {
                _pool.Return(session);
            }
            else
            {
                _login.EndSession(session);
            }
        }

        throw new CryptokiException(CKR.CKR_SESSION_HANDLE_INVALID, nameof(Cryptoki.C_GetSessionInfo));
    }

    private void EndIdle()
    {
        while (_pool.TryTake(out CULong session))
        {
            _login.EndSession(session);
        }
    }

    private void LogInAnew()
    {
        // Asked first, as the login may end with its session.
        bool isOurs = _login.IsOursUnmarked;

        // Sessions outlive a logout, and count.
        EndIdle();
        _login.End();
        _module.InitialiseAnew(_login.ModuleEpoch);
        (CULong slot, _) = Find(_module.Functions, (_, identity) => identity == Identity, ToString());
        _login = TokenLogin.Begin(_module, slot, _pin, isOurs);
    }

    /// <summary>Ends the login, when nobody is left who could use it.</summary>
    private void Finish()
    {
        lock (s_opening)
        {
            // Somebody may have opened it anew since, or been here before.
            if (_users > 0 || !s_open.Remove(this))
            {
                return;
            }

            _login.LogOut();
            EndIdle();
            _login.End();
            _pin.Dispose();
            _module.Close();
        }
    }

    private void Share(ReadOnlySpan<byte> pin)
    {
        // The login is there, so the token would not look at the PIN. A wrong one must not pass for all that.
        if (!_pin.Is(pin))
        {
            throw new KmsException(KmsError.Denied, $"This process is logged in to {this} with another PIN than the one given. Give the same, or dispose the token first.");
        }

        _users++;
    }
}

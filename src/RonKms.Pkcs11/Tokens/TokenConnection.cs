using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>A token that this process is logged in to: one login and a bounded pool of sessions, shared by all who use the token.</summary>
/// <remarks>
/// Thread-safe; a session is used by one thread at a time, and thrown away after any error. Where the token was removed, its sessions closed or
/// its module initialised anew behind our back, one thread opens and logs in again while the others wait, and what was under way is done once
/// more. A PIN is never tried again after the token refused it: locking it must be nobody's accident.
/// One session is held and never used: a token logs out when its last session is closed.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Close ends it; the semaphore's wait handle is never asked for.")]
internal sealed class TokenConnection
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly Lock s_opening = new();
    private static readonly List<TokenConnection> s_open = [];

    private readonly ModuleLibrary _module;
    private readonly SecretBytes _pin;
    private readonly SemaphoreSlim _places;
    private readonly int _limit;
    private readonly ConcurrentBag<CULong> _idle = [];
    private readonly Lock _recovering = new();
    private readonly bool _asksForPin;
    private CULong _slot;
    private CULong _held;
    private volatile int _epoch;
    private volatile int _login;
    private volatile KmsException? _refusal;
    private volatile bool _isClosed;
    private bool _isLoggedInHere;
    private int _users = 1;

    private TokenConnection(ModuleLibrary module, CULong slot, in CK_TOKEN_INFO info, ReadOnlySpan<byte> pin, int maxSessions)
    {
        _module = module;
        _slot = slot;
        Identity = TokenIdentity.Of(info);
        _asksForPin = ((ulong)info.flags.Value & CK.CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
        _limit = LimitOf(info, maxSessions);
        _places = new SemaphoreSlim(_limit);
        _pin = SecretBytes.CopyOf(pin);
    }

    /// <summary>Which token it is.</summary>
    internal TokenIdentity Identity { get; }

    /// <summary>Grows whenever the handles of objects may have become others.</summary>
    internal int Epoch => _epoch;

    /// <summary>How many sessions are used at once at most.</summary>
    internal int MaxSessions => _limit;

    /// <summary>Logs in to a token, or shares the login that there is. Pairs with <see cref="Close"/>.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>; <see cref="KmsError.Denied"/>: the token refuses the PIN.</exception>
    internal static TokenConnection Open(string modulePath, Func<CULong, TokenIdentity, bool> isMeant, string name, ReadOnlySpan<byte> pin, int maxSessions)
    {
        lock (s_opening)
        {
            ModuleLibrary module = ModuleLibrary.Open(modulePath);
            TokenConnection? connection = null;
            try
            {
                (CULong slot, CK_TOKEN_INFO info) = Find(module.Functions, isMeant, name);
                if (s_open.Find(open => ReferenceEquals(open._module, module) && open._slot.Equals(slot)) is { } shared)
                {
                    shared.Share(pin);
                    module.Close();
                    return shared;
                }

                if (pin.IsEmpty && ((ulong)info.flags.Value & CK.CKF_PROTECTED_AUTHENTICATION_PATH) == 0)
                {
                    throw new ArgumentException($"The PIN of {name} is named nowhere: give it, or a file that holds it (pin-source), or KMS_PKCS11_PIN. Nothing was tried.");
                }

                connection = new TokenConnection(module, slot, info, pin, maxSessions);
                connection.LogIn();
                s_open.Add(connection);
                return connection;
            }
            catch (Exception e)
            {
                connection?._pin.Dispose();
                module.Close();
                if (e is CryptokiException failure)
                {
                    throw Unavailable(name, failure);
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
    internal void Close()
    {
        lock (s_opening)
        {
            if (--_users > 0)
            {
                return;
            }

            s_open.Remove(this);
            _isClosed = true;
            for (int i = 0; i < _limit && _places.Wait(s_patience); i++)
            {
            }

            lock (_recovering)
            {
                try
                {
                    if (_isLoggedInHere)
                    {
                        _module.Functions.C_Logout(_held);
                    }

                    CloseIdle();
                    _module.Functions.C_CloseSession(_held);
                }
                catch (CryptokiException e) when (IsLost(e.Code))
                {
                    // The sessions are gone, and the login with them.
                }
                finally
                {
                    _pin.Dispose();
                    _module.Close();
                }
            }
        }
    }

    /// <summary>Does something in a session; once more where the session turns out to be lost.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>: it cannot be reached, now and after a new login;
    /// <see cref="KmsError.Denied"/>: it refuses the PIN; <see cref="KmsError.Busy"/>: every session is in use for too long;
    /// <see cref="KmsError.AlgUnavailable"/>: it does not do this.</exception>
    internal TResult Do<TState, TResult>(scoped TState state, TokenOperation<TState, TResult> operation)
        where TState : allows ref struct
    {
        if (!_places.Wait(s_patience))
        {
            throw new KmsException(KmsError.Busy, $"All {_limit} sessions of {this} were in use for {s_patience.TotalSeconds} s. Try again.");
        }

        try
        {
            for (bool isFirst = true; ; isFirst = false)
            {
                ObjectDisposedException.ThrowIf(_isClosed, typeof(Pkcs11Token));
                int epoch = _epoch;
                try
                {
                    return DoInSession(state, operation);
                }
                catch (CryptokiException e)
                {
                    if (!isFirst || !IsLost(e.Code))
                    {
                        throw Explained(e);
                    }

                    Recover(epoch);
                }
            }
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>What the token says of a mechanism, or <see langword="null"/> where it does not have it.</summary>
    internal CK_MECHANISM_INFO? FindMechanism(uint mechanism) =>
        Do(mechanism, (functions, _, wanted) => functions.C_GetMechanismInfo(_slot, wanted));

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
            0 => throw new KmsException(KmsError.TokenUnavailable, $"There is no initialised token {name} here. Check that it is plugged in, and its label and serial number."),
            _ => throw new KmsException(KmsError.TokenUnavailable, $"{found.Count} tokens are {name}. Name one of them by its serial number or slot-id."),
        };
    }

    private static bool IsLost(CKR code) => code
        is CKR.CKR_SESSION_HANDLE_INVALID or CKR.CKR_SESSION_CLOSED or CKR.CKR_OBJECT_HANDLE_INVALID or CKR.CKR_KEY_HANDLE_INVALID
        or CKR.CKR_WRAPPING_KEY_HANDLE_INVALID or CKR.CKR_UNWRAPPING_KEY_HANDLE_INVALID
        or CKR.CKR_USER_NOT_LOGGED_IN or CKR.CKR_LOGIN_REQUIRED or CKR.CKR_CRYPTOKI_NOT_INITIALIZED or CKR.CKR_DEVICE_REMOVED or CKR.CKR_DEVICE_ERROR
        or CKR.CKR_TOKEN_NOT_PRESENT or CKR.CKR_TOKEN_NOT_RECOGNIZED or CKR.CKR_SLOT_ID_INVALID or CKR.CKR_OPERATION_NOT_INITIALIZED;

    private static KmsException Unavailable(string name, CryptokiException cause) => new(
        KmsError.TokenUnavailable,
        $"{name} does not answer as it should: {cause.Message}. Nothing was changed by this call. Check that it is plugged in and its service runs, and try again. docs/runbooks/hsm-down.md goes on.",
        cause);

    private KmsException Explained(CryptokiException e) => e.Code switch
    {
        CKR.CKR_DEVICE_MEMORY => new KmsException(
            KmsError.TokenUnavailable, $"There is no room left in {this} ({e.Message}). Nothing was changed. Destroy keys that are no longer needed, or use another token.", e),
        CKR.CKR_SESSION_COUNT => new KmsException(
            KmsError.TokenUnavailable, $"All sessions of {this} are in use, also by others ({e.Message}). Try again, or allow fewer sessions to each process.", e),
        CKR.CKR_MECHANISM_INVALID or CKR.CKR_MECHANISM_PARAM_INVALID or CKR.CKR_FUNCTION_NOT_SUPPORTED or CKR.CKR_KEY_FUNCTION_NOT_PERMITTED
            or CKR.CKR_TEMPLATE_INCONSISTENT or CKR.CKR_ATTRIBUTE_VALUE_INVALID or CKR.CKR_ATTRIBUTE_TYPE_INVALID or CKR.CKR_CURVE_NOT_SUPPORTED =>
            new KmsException(KmsError.AlgUnavailable, $"{this} does not do this: {e.Message}. Nothing was changed.", e),
        _ => Unavailable(ToString(), e),
    };

    private TResult DoInSession<TState, TResult>(scoped TState state, TokenOperation<TState, TResult> operation)
        where TState : allows ref struct
    {
        int login = _login;
        CULong session = _idle.TryTake(out CULong idle) ? idle : Begin();
        bool isWhole = false;
        try
        {
            TResult result = operation(_module.Functions, session, state);
            isWhole = true;
            return result;
        }
        finally
        {
            // After a new login the number may be that of somebody else's session.
            if (login == _login)
            {
                if (isWhole)
                {
                    _idle.Add(session);
                }
                else
                {
                    End(session);
                }
            }
        }
    }

    /// <summary>Opens a session, and sees that it is logged in: in one that is not, private objects would only seem not to be there.</summary>
    private CULong Begin()
    {
        CULong session = _module.Functions.C_OpenSession(_slot);
        if (!IsLoggedIn(session))
        {
            End(session);
            throw new CryptokiException(CKR.CKR_USER_NOT_LOGGED_IN, "C_OpenSession");
        }

        return session;
    }

    private bool IsLoggedIn(CULong session) => _module.Functions.C_GetSessionInfo(session).state.Value == CK.CKS_RW_USER_FUNCTIONS;

    /// <summary>Closes a session that failed. It may be gone already.</summary>
    private void End(CULong session)
    {
        try
        {
            _module.Functions.C_CloseSession(session);
        }
        catch (CryptokiException e) when (IsLost(e.Code))
        {
        }
    }

    private void CloseIdle()
    {
        while (_idle.TryTake(out CULong session))
        {
            End(session);
        }
    }

    /// <summary>Opens and logs in again, unless another thread did so since.</summary>
    private void Recover(int epoch)
    {
        lock (_recovering)
        {
            if (epoch != _epoch)
            {
                return;
            }

            ObjectDisposedException.ThrowIf(_isClosed, typeof(Pkcs11Token));
            try
            {
                if (!IsHeldSessionGood())
                {
                    // Whatever was open is gone, or of no use.
                    _login++;
                    _idle.Clear();
                    _module.Initialise();
                    (_slot, _) = Find(_module.Functions, (_, identity) => identity == Identity, $"'{Identity.Label}' (serial {Identity.Serial})");
                    LogIn();
                }

                _epoch++;
            }
            catch (CryptokiException e)
            {
                throw Unavailable(ToString(), e);
            }
        }
    }

    private bool IsHeldSessionGood()
    {
        try
        {
            return IsLoggedIn(_held);
        }
        catch (CryptokiException e) when (IsLost(e.Code))
        {
            return false;
        }
    }

    private void LogIn()
    {
        if (_refusal is { } refusal)
        {
            throw new KmsException(refusal.Error, refusal.Message, refusal);
        }

        CULong session = _module.Functions.C_OpenSession(_slot);
        try
        {
            _isLoggedInHere = _module.Functions.C_Login(session, _asksForPin ? [] : _pin.Reveal());
        }
        catch (CryptokiException e)
        {
            End(session);
            if (e.Code is not (CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID or CKR.CKR_PIN_LEN_RANGE or CKR.CKR_PIN_EXPIRED or CKR.CKR_PIN_LOCKED
                or CKR.CKR_USER_PIN_NOT_INITIALIZED))
            {
                throw;
            }

            string next = e.Code == CKR.CKR_PIN_LOCKED ? "Have the token's security officer unlock it"
                : e.Code == CKR.CKR_PIN_EXPIRED ? "Set a new PIN with the token's own tool"
                : e.Code == CKR.CKR_USER_PIN_NOT_INITIALIZED ? "Set the user's PIN with the token's own tool"
                : "Give the right one: each wrong one brings the token closer to locking it";
            _refusal = new KmsException(
                KmsError.Denied, $"The token '{Identity.Label}' (serial {Identity.Serial}) refused the PIN ({e.Message}). It is not tried again. {next}, and open the token anew.", e);
            throw _refusal;
        }

        _held = session;
    }

    private void Share(ReadOnlySpan<byte> pin)
    {
        // The login is there, so the token would not look at the PIN. A wrong one must not pass for all that.
        if (!CryptographicOperations.FixedTimeEquals(pin, _pin.Reveal()))
        {
            throw new KmsException(KmsError.Denied, $"This process is logged in to {this} with another PIN than the one given. Give the same, or dispose the token first.");
        }

        _users++;
    }
}

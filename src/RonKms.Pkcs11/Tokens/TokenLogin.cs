using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>One login to a token, and the session that holds it: a token logs out when the last one is closed. After that there is another login.</summary>
/// <remarks>
/// The session is never used. A mark in it tells whether numbers of sessions and objects still are what they were: who initialises the module anew
/// in this process may get the same ones for others.
/// </remarks>
internal sealed class TokenLogin
{
    private readonly ModuleLibrary _module;
    private readonly CULong _held;
    private readonly SessionMark? _mark;
    private readonly bool _isMadeHere;

    private TokenLogin(ModuleLibrary module, CULong slot, CULong held, SessionMark? mark, bool isMadeHere, int moduleEpoch)
    {
        _module = module;
        Slot = slot;
        _held = held;
        _mark = mark;
        _isMadeHere = isMadeHere;
        ModuleEpoch = moduleEpoch;
    }

    /// <summary>Where the token was.</summary>
    internal CULong Slot { get; }

    /// <summary>The module's epoch when it began.</summary>
    internal int ModuleEpoch { get; }

    /// <summary>Whether it is known of numbers that they still mean the same: some tokens take no mark.</summary>
    internal bool KnowsNumbers => _mark is not null;

    /// <summary>Whether this process made it here, and nothing of it is gone but the mark: as where a cluster of HSMs forgot the objects of sessions.</summary>
    internal bool IsOursUnmarked => _isMadeHere && Find(_held) is { } info && info.state.Value == CK.CKS_RW_USER_FUNCTIONS && !IsMarked(_held);

    /// <summary>Logs in.</summary>
    /// <param name="module">The module.</param>
    /// <param name="slot">Where the token is.</param>
    /// <param name="pin">The user's PIN.</param>
    /// <param name="isOurs">Whether a login that lasts is one that was made here, so that it ends with this one.</param>
    /// <exception cref="KmsException"><see cref="KmsError.Denied"/></exception>
    internal static TokenLogin Begin(ModuleLibrary module, CULong slot, UserPin pin, bool isOurs = false)
    {
        int epoch = module.Epoch;
        CULong held = module.Functions.C_OpenSession(slot);
        try
        {
            bool isMadeHere = pin.LogIn(module.Functions, slot, held) || isOurs;
            return new TokenLogin(module, slot, held, SessionMark.TryPut(module.Functions, held), isMadeHere, epoch);
        }
        catch
        {
            Discard(module, held);
            throw;
        }
    }

    /// <summary>Whether it lasts.</summary>
    /// <param name="token">Whose login it is.</param>
    internal bool IsGood(TokenIdentity token)
    {
        try
        {
            return IsLoggedIn(_held) && TokenIdentity.Of(_module.Functions.C_GetTokenInfo(Slot)) == token;
        }
        catch (CryptokiException e) when (TokenFault.IsLost(e))
        {
            return false;
        }
    }

    /// <summary>Opens a session, and sees that it is logged in: in one that is not, private objects would only seem not to be there.</summary>
    internal CULong OpenSession()
    {
        CULong session = _module.Functions.C_OpenSession(Slot);
        bool isLoggedIn = false;
        try
        {
            isLoggedIn = IsLoggedIn(session);
        }
        finally
        {
            if (!isLoggedIn)
            {
                Discard(_module, session);
            }
        }

        return isLoggedIn ? session : throw new CryptokiException(CKR.CKR_USER_NOT_LOGGED_IN, nameof(Cryptoki.C_OpenSession));
    }

    /// <summary>Whether a session is there, and one with this token.</summary>
    internal bool IsInToken(CULong session) => Find(session) is not null;

    /// <summary>Whether numbers mean what they did when this login began, as seen in a session; where the token takes no mark, as far as can be seen.</summary>
    internal bool IsMarked(CULong session) => _mark?.IsThere(_module.Functions, session) ?? IsInToken(session);

    /// <summary>Closes a session of this login. Where the one that holds it is gone, all are, and their numbers may be those of somebody else's.</summary>
    internal void EndSession(CULong session)
    {
        try
        {
            if (!IsOurs(_held) || !IsOurs(session))
            {
                return;
            }
        }
        catch (CryptokiException)
        {
            // What cannot be told to be ours is let be.
            return;
        }

        Discard(_module, session);
    }

    /// <summary>Logs out, unless somebody else had logged in before.</summary>
    internal void LogOut()
    {
        try
        {
            if (_isMadeHere && IsOurs(_held))
            {
                _module.Functions.C_Logout(_held);
            }
        }
        catch (CryptokiException)
        {
            // With the last session the login goes as well.
        }
    }

    /// <summary>Closes the session that holds it.</summary>
    internal void End() => EndSession(_held);

    /// <summary>Closes a session that is not used again. What went wrong before is what the caller has to hear, and not that this fails too.</summary>
    private static void Discard(ModuleLibrary module, CULong session)
    {
        try
        {
            module.Functions.C_CloseSession(session);
        }
        catch (CryptokiException)
        {
            // There is no other way to close it.
        }
    }

    private bool IsOurs(CULong session) => IsInToken(session) && IsMarked(session);

    private bool IsLoggedIn(CULong session) => Find(session) is { } info && info.state.Value == CK.CKS_RW_USER_FUNCTIONS && IsMarked(session);

    /// <summary>What the module says of a session; <see langword="null"/> where it is gone, or its number is that of another token's by now.</summary>
    private CK_SESSION_INFO? Find(CULong session)
    {
        if (ModuleEpoch != _module.Epoch)
        {
            return null;
        }

        try
        {
            CK_SESSION_INFO info = _module.Functions.C_GetSessionInfo(session);
            return info.slotID.Equals(Slot) ? info : null;
        }
        catch (CryptokiException e) when (TokenFault.IsLost(e))
        {
            return null;
        }
    }
}

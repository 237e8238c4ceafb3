using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>The user's PIN for a token, and what came of it. Locking a token must be nobody's accident.</summary>
/// <remarks>
/// A PIN that the token refused is not tried again: not by the one who has it, nor by another one in this process, who read the same file. The last
/// try before the token locks itself is never used up: several processes may hold a PIN that was changed since.
/// </remarks>
internal sealed class UserPin : IDisposable
{
    // Of refused PINs a keyed digest is kept: most are right ones with a slip.
    private static readonly Lazy<SecretBytes> s_key = new(NewKey);
    private static readonly ConcurrentDictionary<(TokenIdentity Token, string Digest), CKR> s_refused = [];

    private readonly TokenIdentity _token;
    private readonly SecretBytes _pin;
    private KmsException? _refusal;

    /// <summary>Keeps a PIN.</summary>
    /// <param name="token">Whose it is.</param>
    /// <param name="pin">The PIN, which is copied; empty where the token asks for it itself.</param>
    internal UserPin(TokenIdentity token, ReadOnlySpan<byte> pin)
    {
        _token = token;
        _pin = SecretBytes.CopyOf(pin);
    }

    /// <summary>Logs in.</summary>
    /// <returns>Whether this call did it, and nobody before.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.Denied"/></exception>
    /// <exception cref="CryptokiException">Something else than the PIN is in the way.</exception>
    internal bool LogIn(Cryptoki functions, CULong slot, CULong session)
    {
        if (_refusal is not null)
        {
            throw new KmsException(_refusal.Error, _refusal.Message, _refusal);
        }

        ulong flags = (ulong)functions.C_GetTokenInfo(slot).flags.Value;
        bool asksItself = (flags & CK.CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
        (TokenIdentity, string) known = (_token, asksItself ? string.Empty : Digest());
        if (s_refused.TryGetValue(known, out CKR before))
        {
            throw Refusal($"{before}, earlier in this process", "Give the right one; if it has become that since, restart this process", null);
        }

        if ((flags & CK.CKF_USER_PIN_LOCKED) != 0)
        {
            throw Untried("its PIN is locked (CKF_USER_PIN_LOCKED)", "Have the token's security officer unlock it");
        }

        // Whoever types it at the token itself sees what it says.
        if (!asksItself && (flags & CK.CKF_USER_PIN_FINAL_TRY) != 0)
        {
            throw Untried("one more wrong PIN locks it (CKF_USER_PIN_FINAL_TRY)", "Log in once with the right PIN by the token's own tool, which gives the tries back, and check the PIN that is given here");
        }

        try
        {
            return functions.C_Login(session, asksItself ? [] : _pin.Reveal());
        }
        catch (CryptokiException e) when (NextStep(e.Code) is { } next)
        {
            if (!asksItself && e.Code is CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID or CKR.CKR_PIN_LEN_RANGE)
            {
                s_refused[known] = e.Code;
            }

            _refusal = Refusal(e.Message, next, e);
            throw _refusal;
        }
    }

    /// <summary>Whether a PIN is this one.</summary>
    internal bool Is(ReadOnlySpan<byte> pin) => CryptographicOperations.FixedTimeEquals(pin, _pin.Reveal());

    /// <summary>Wipes the PIN.</summary>
    public void Dispose() => _pin.Dispose();

    private static SecretBytes NewKey()
    {
        SecretBytes key = SecretBytes.Allocate(HMACSHA256.HashSizeInBytes);
        Entropy.Fill(key.Reveal());
        return key;
    }

    private static string? NextStep(CKR code) => code switch
    {
        CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID or CKR.CKR_PIN_LEN_RANGE => "Give the right one: each wrong one brings the token closer to locking it",
        CKR.CKR_PIN_LOCKED => "Have the token's security officer unlock it",
        CKR.CKR_PIN_EXPIRED => "Set a new PIN with the token's own tool",
        CKR.CKR_USER_PIN_NOT_INITIALIZED => "Set the user's PIN with the token's own tool",
        _ => null,
    };

    private string Digest() => Convert.ToHexString(HMACSHA256.HashData(s_key.Value.Reveal(), _pin.Reveal()));

    private KmsException Refusal(string why, string next, Exception? cause) => new(
        KmsError.Denied, $"The token '{_token.Label}' (serial {_token.Serial}) refused the PIN ({why}). It is not tried again. {next}, and open the token anew.", cause);

    private KmsException Untried(string why, string next) => new(
        KmsError.Denied, $"The token '{_token.Label}' (serial {_token.Serial}) says that {why}. The PIN was not tried. {next}, and try again.");
}

using RonKms.Pkcs11.Interop;

namespace RonKms.Pkcs11.Tokens;

/// <summary>What a return code of a module means for whoever asked.</summary>
internal static class TokenFault
{
    /// <summary>Whether it may be that the sessions, the login or the token are gone, so that doing it anew may help.</summary>
    internal static bool IsLost(Exception e) => e is CryptokiException failure && failure.Code
        is CKR.CKR_SESSION_HANDLE_INVALID or CKR.CKR_SESSION_CLOSED or CKR.CKR_OBJECT_HANDLE_INVALID or CKR.CKR_KEY_HANDLE_INVALID
        or CKR.CKR_WRAPPING_KEY_HANDLE_INVALID or CKR.CKR_UNWRAPPING_KEY_HANDLE_INVALID
        or CKR.CKR_USER_NOT_LOGGED_IN or CKR.CKR_LOGIN_REQUIRED or CKR.CKR_CRYPTOKI_NOT_INITIALIZED or CKR.CKR_DEVICE_REMOVED or CKR.CKR_DEVICE_ERROR
        or CKR.CKR_TOKEN_NOT_PRESENT or CKR.CKR_TOKEN_NOT_RECOGNIZED or CKR.CKR_SLOT_ID_INVALID or CKR.CKR_OPERATION_NOT_INITIALIZED;

    /// <summary>Whether a token that is well does not do what it was asked for. What a sick one says means nothing of the kind.</summary>
    internal static bool IsRefusal(Exception? e) => e is CryptokiException failure && !IsLost(failure) && failure.Code
        is not (CKR.CKR_HOST_MEMORY or CKR.CKR_DEVICE_MEMORY or CKR.CKR_GENERAL_ERROR or CKR.CKR_FUNCTION_FAILED or CKR.CKR_SESSION_COUNT or CKR.CKR_CANCEL);

    /// <summary>The error that a caller gets.</summary>
    /// <param name="token">Which token it is.</param>
    /// <param name="e">What the module returned.</param>
    internal static KmsException Explained(string token, CryptokiException e) => e.Code switch
    {
        CKR.CKR_DEVICE_MEMORY => new KmsException(
            KmsError.TokenUnavailable, $"There is no room left in {token} ({e.Message}). Nothing was changed. Destroy keys that are no longer needed, or use another token.", e),
        CKR.CKR_SESSION_COUNT => new KmsException(
            KmsError.TokenUnavailable, $"All sessions of {token} are in use, also by others ({e.Message}). Try again, or allow fewer sessions to each process.", e),
        CKR.CKR_MECHANISM_INVALID or CKR.CKR_MECHANISM_PARAM_INVALID or CKR.CKR_FUNCTION_NOT_SUPPORTED or CKR.CKR_KEY_FUNCTION_NOT_PERMITTED
            or CKR.CKR_TEMPLATE_INCONSISTENT or CKR.CKR_TEMPLATE_INCOMPLETE or CKR.CKR_ATTRIBUTE_VALUE_INVALID or CKR.CKR_ATTRIBUTE_TYPE_INVALID or CKR.CKR_CURVE_NOT_SUPPORTED =>
            new KmsException(KmsError.AlgUnavailable, $"{token} does not do this: {e.Message}. Nothing was changed.", e),
        _ => Unavailable(token, e),
    };

    /// <summary>The error where a token cannot be reached.</summary>
    internal static KmsException Unavailable(string token, CryptokiException e) => new(
        KmsError.TokenUnavailable,
        $"{token} does not answer as it should: {e.Message}. What was asked for was not done, or not wholly. Check that it is plugged in and its service runs, and try again. docs/runbooks/hsm-down.md goes on.",
        e);

    /// <summary>The error where a call does not come back from the token, so that nobody can log in anew beside it.</summary>
    internal static KmsException StillAtWork(string token) => new(
        KmsError.TokenUnavailable,
        $"Sessions of {token} are lost, and a call in another one does not come back. What was asked for was not done, or not wholly. Try again; if it stays so, restart this process. docs/runbooks/hsm-down.md goes on.");
}

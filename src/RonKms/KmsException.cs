namespace RonKms;

/// <summary>The one exception of the library for everything but misuse of an argument.</summary>
/// <remarks>The message says what happened, where, and what to do next. It never holds key material, ciphertext lengths or nonces.</remarks>
public sealed class KmsException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="error">What kind of failure it is.</param>
    /// <param name="message">What happened, where, and what to do next.</param>
    /// <param name="innerException">What caused it, if anything did.</param>
    public KmsException(KmsError error, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
    }

    /// <summary>What kind of failure it is.</summary>
    public KmsError Error { get; }

    /// <summary>Whether the same call may succeed later without anything else being changed.</summary>
    public bool IsRetryable => Error
        is KmsError.Busy or KmsError.Entropy or KmsError.StoreLocked or KmsError.StoreStale or KmsError.TokenUnavailable;
}

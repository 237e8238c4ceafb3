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
    /// <remarks>It goes by <see cref="Error"/> alone. A <see cref="KmsError.StoreStale"/> whose <see cref="Exception.InnerException"/> is
    /// <see cref="KmsError.Rollback"/> or <see cref="KmsError.WrongKek"/> stays: that keystore has to be reopened.</remarks>
    public bool IsRetryable => Error
        is KmsError.Busy or KmsError.Entropy or KmsError.StoreLocked or KmsError.StoreStale or KmsError.TokenUnavailable;
}

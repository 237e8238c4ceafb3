namespace RonKms;

/// <summary>Sees every operation and may stop it: the one place for policy, quorum, freeze and receipts.</summary>
/// <remarks>
/// Called on the caller's thread, so it must be thread-safe and quick. Guards run in the order given, and end in the reverse order.
/// </remarks>
public interface IOperationGuard
{
    /// <summary>Called before a secret is touched. To stop the operation, throw: best a <see cref="KmsException"/> with <see cref="KmsError.Denied"/>
    /// or <see cref="KmsError.Frozen"/>. Any other exception stops it too and reaches the caller as it is; guards, metrics and logs are told
    /// <see cref="KmsError.Denied"/>.</summary>
    /// <param name="op">The operation, its key resolved to a concrete version. Where all versions of a key are destroyed at once, also when its purge
    /// time comes, each that is not destroyed yet is an operation of its own: one that is stopped stops them all.</param>
    void Before(in KmsOperation op);

    /// <summary>Called once for each <see cref="Before"/> that returned. An exception fails the operation for its caller and for the guards around this
    /// one, although it may have happened; one that is no <see cref="KmsException"/> is told as in <see cref="Before"/>.</summary>
    /// <param name="op">The same operation. Where a rotation of <c>#latest</c> was overtaken by another one, its key is the version that was made.</param>
    /// <param name="failure">Why it failed, or <see langword="null"/> where it did not.</param>
    void After(in KmsOperation op, KmsError? failure);
}

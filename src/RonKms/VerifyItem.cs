namespace RonKms;

/// <summary>One signature of a batch.</summary>
/// <param name="Key">The version that is said to have signed.</param>
/// <param name="Message">What was signed.</param>
/// <param name="Signature">The signature.</param>
/// <param name="Options">The options it was made with.</param>
public readonly record struct VerifyItem(
    KeyId Key, ReadOnlyMemory<byte> Message, ReadOnlyMemory<byte> Signature, SignOptions? Options = null);

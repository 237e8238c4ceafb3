namespace RonKms;

/// <summary>Computes and verifies message authentication codes. Thread-safe.</summary>
public interface IMac
{
    /// <summary>Computes the code of a message.</summary>
    /// <param name="key">The key's latest version, or <c>#latest</c>.</param>
    /// <param name="data">The message.</param>
    /// <param name="computedBy">Receives the version that computed.</param>
    /// <returns>The code.</returns>
    /// <exception cref="KmsException">As for <see cref="ISigner"/>.</exception>
    byte[] ComputeMac(KeyId key, ReadOnlySpan<byte> data, out KeyId computedBy);

    /// <summary>Computes the code of a message into a buffer, without allocating.</summary>
    /// <param name="key">The key's latest version, or <c>#latest</c>.</param>
    /// <param name="data">The message.</param>
    /// <param name="destination">Receives the code; may overlap the message, which is read first.</param>
    /// <param name="computedBy">Receives the version that computed.</param>
    /// <returns>How many bytes the code has.</returns>
    /// <exception cref="KmsException">As for <see cref="ISigner"/>.</exception>
    int ComputeMac(KeyId key, ReadOnlySpan<byte> data, Span<byte> destination, out KeyId computedBy);

    /// <summary>Compares a code in constant time with the right one.</summary>
    /// <param name="key">The concrete version that is said to have computed it.</param>
    /// <param name="data">The message.</param>
    /// <param name="mac">The code; one of another length is wrong.</param>
    /// <returns>Whether the code is right.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.KeyDisabled"/>, <see cref="KmsError.KeyDestroyed"/>, <see cref="KmsError.NoSuchKey"/>.</exception>
    bool VerifyMac(KeyId key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac);
}

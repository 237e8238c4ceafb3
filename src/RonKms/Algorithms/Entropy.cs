using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>The system's random number generator.</summary>
internal static class Entropy
{
    /// <summary>Fills a buffer with random bytes.</summary>
    /// <param name="destination">The buffer.</param>
    /// <exception cref="KmsException"><see cref="KmsError.Entropy"/></exception>
    internal static void Fill(Span<byte> destination)
    {
        try
        {
            RandomNumberGenerator.Fill(destination);
        }
        catch (CryptographicException e)
        {
            throw new KmsException(KmsError.Entropy, "The system's random number generator failed. Retry after a pause.", e);
        }
    }
}

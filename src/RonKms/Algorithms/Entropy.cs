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
#pragma warning disable RS0030 // Banned everywhere else, so that its failure is always KmsError.Entropy.
            RandomNumberGenerator.Fill(destination);
#pragma warning restore RS0030
        }
        catch (CryptographicException e)
        {
            throw new KmsException(KmsError.Entropy, "The system's random number generator failed. Retry after a pause.", e);
        }
    }
}

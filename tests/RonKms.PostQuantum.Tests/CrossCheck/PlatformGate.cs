using System.Security.Cryptography;
using RonKms.PostQuantum.MLDsa;
using RonKms.PostQuantum.MLKem;
using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.CrossCheck;

/// <summary>Skips a cross-check where there is nothing to check against, and says so.</summary>
/// <remarks>On Linux the platform is OpenSSL 3.5 or later. eng/platform-crosscheck.sh brings one, and counts a skipped test as a failure.</remarks>
internal static class PlatformGate
{
    /// <summary>Whether everything is checked, however long it takes: RONKMS_CROSSCHECK is "whole".</summary>
    internal static bool IsWhole { get; } = Environment.GetEnvironmentVariable("RONKMS_CROSSCHECK") == "whole";

    /// <summary>How often what is random is repeated.</summary>
    internal static int Rounds => IsWhole ? 500 : 20;

    /// <summary>Goes on only where the platform has ML-KEM.</summary>
    internal static void NeedMLKem() => Need(PlatformMLKemAlgorithm.IsSupported, "ML-KEM");

    /// <summary>Goes on only where the platform has ML-DSA.</summary>
    internal static void NeedMLDsa() => Need(PlatformMLDsaAlgorithm.IsSupported, "ML-DSA");

    /// <summary>Goes on only where the platform has SLH-DSA.</summary>
    internal static void NeedSlhDsa() => Need(PlatformSlhDsaAlgorithm.IsSupported, "SLH-DSA");

    /// <summary>What the platform says to an encoding: whether it takes it.</summary>
    /// <param name="use">Gives the encoding to the platform.</param>
    /// <returns>Whether it did not refuse.</returns>
    internal static bool Takes(Action use)
    {
        try
        {
            use();
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static void Need(bool isSupported, string family) => Assert.SkipUnless(
        isSupported, $"not run: the platform has no {family} (on Linux it comes with OpenSSL 3.5; eng/platform-crosscheck.sh runs this test there)");
}

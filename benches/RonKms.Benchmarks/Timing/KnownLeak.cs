using System.Security.Cryptography;

namespace RonKms.Benchmarks.Timing;

/// <summary>A comparison that stops at the first difference: what the test must find, or it finds nothing.</summary>
internal static class KnownLeak
{
    /// <summary>A guess that is wrong at its end, against random ones.</summary>
    internal static (Action<bool> Prepare, Action Work) Comparison()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        byte[] near = [.. secret];
        near[^1] ^= 1;
        byte[] guess = new byte[32];
        int equal = 0;
        return (
            one =>
            {
                near.CopyTo(guess, 0);
                if (one)
                {
                    RandomNumberGenerator.Fill(guess);
                }
            },
            () =>
            {
                int i = 0;
                while (i < guess.Length && guess[i] == secret[i])
                {
                    i++;
                }

                equal += i;
            }
        );
    }
}

using RonKms.Benchmarks.Core;

namespace RonKms.Benchmarks.Hsm;

/// <summary>The figures of group hsm: what custody costs beside a PKCS#11 module's own calls. Nothing where SoftHSM2 is missing.</summary>
internal static class HsmFigures
{
    private const double Near = 1.10;

    // More threads than processors have to wait for one: a slice has enough signatures that this comes in each.
    private const int ThreadRounds = 30;
    private const int ThreadBatch = 20;

    /// <summary>Whether there is a module to measure with.</summary>
    internal static bool HasReference => SoftToken.Library is not null;

    internal static IEnumerable<Figure> Measure()
    {
        if (!HasReference)
        {
            yield break;
        }

        using SoftToken token = new();
        using Keystore kms = Keystore.InMemory(new KeystoreOptions().UsePkcs11(token.Token));
        double verification = AllocationOfVerification();
        foreach ((KeyAlgorithm algorithm, int rounds) in
            new[] { (KeyAlgorithm.Ed25519, 300), (KeyAlgorithm.P256, 300), (KeyAlgorithm.Rsa2048, 100), (KeyAlgorithm.Rsa4096, 30) })
        {
            using TokenPair pair = new(token, kms, algorithm);
            yield return PairedRatio.Measure($"hsm-sign-{algorithm}", Near, pair.Sign, pair.SignBare, rounds: rounds);
            yield return Allocation.Measure($"hsm-sign-{algorithm}-bytes", pair.Sign, rounds, pair.IsVerified ? verification : 0);
            if (algorithm != KeyAlgorithm.Rsa4096)
            {
                foreach (int threads in (int[])[2, 4])
                {
                    yield return MeasureThreads(pair, threads);
                }
            }
        }
    }

    /// <summary>What the platform allocates to verify an RSA signature, in bytes: those of a token are verified before they are given out.</summary>
    private static double AllocationOfVerification()
    {
        using Keystore software = Keystore.InMemory();
        using RsaPair rsa = new(software, messageSize: 128);
        return Allocation.Measure("", rsa.VerifyBare, count: 100).Estimate.Median;
    }

    /// <summary>Whether the library scales as its module does: both sides make the same calls, which wait for each other in the module.</summary>
    private static Figure MeasureThreads(TokenPair pair, int count)
    {
        TokenPair[] pairs = [.. Enumerable.Range(0, count).Select(_ => pair.SameKey())];
        using ThreadGroup threads = new(count);
        Figure figure = PairedRatio.MeasureThreads(
            $"hsm-sign-{pair.Algorithm}-{count}-threads",
            Near,
            threads,
            [.. pairs.Select(one => (Action<int>)one.Sign)],
            [.. pairs.Select(one => (Action<int>)one.SignBareAndLook)],
            ThreadRounds,
            pair.Algorithm == KeyAlgorithm.Rsa2048 ? ThreadBatch / 5 : ThreadBatch);
        Array.ForEach(pairs, one => one.Dispose());
        return figure;
    }
}

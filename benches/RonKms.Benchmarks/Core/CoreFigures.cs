namespace RonKms.Benchmarks.Core;

/// <summary>The figures of group core: what custody costs beside the bare native or platform call.</summary>
internal static class CoreFigures
{
    private const double Near = 1.05;
    private const double Listened = 1.10;
    private const int MessageSize = 128;
    private const int Mebibyte = 1 << 20;

    internal static IEnumerable<Figure> Measure()
    {
        using Keystore kms = Keystore.InMemory();
        using Ed25519Pair pair = new(kms, MessageSize);
        yield return PairedRatio.Measure("sign-ed25519", Near, pair.Sign, pair.SignBare);
        yield return PairedRatio.Measure("verify-ed25519", Near, pair.Verify, pair.VerifyBare);
        yield return Allocation.Measure("sign-ed25519-bytes", pair.Sign);
        yield return Allocation.Measure("verify-ed25519-bytes", pair.Verify);
        using (new EveryMeasurement())
        {
            yield return PairedRatio.Measure("sign-ed25519-listener", Listened, pair.Sign, pair.SignBare);
            yield return PairedRatio.Measure("verify-ed25519-listener", Listened, pair.Verify, pair.VerifyBare);
        }

        using (RsaPair rsa = new(kms, MessageSize))
        {
            yield return PairedRatio.Measure("sign-rsa2048", Near, rsa.Sign, rsa.SignBare);
        }

        using (P256Pair p256 = new(kms, MessageSize))
        {
            yield return PairedRatio.Measure("sign-p256", Near, p256.Sign, p256.SignBare);
        }

        using (AesGcmPair wrap = new(kms, Mebibyte))
        {
            yield return PairedRatio.Measure("wrap-1mib", Listened, wrap.Wrap, wrap.EncryptBare);
        }

        using (ThreadGroup threads = new(2))
        using (Ed25519Pair same = pair.SameKey())
        using (Ed25519Pair other = new(kms, MessageSize))
        {
            yield return PairedRatio.MeasureThreads("sign-2-threads-1-key", Near, threads, [pair.Sign, same.Sign], [pair.SignBare, same.SignBare]);
            yield return PairedRatio.MeasureThreads("sign-2-threads-2-keys", Near, threads, [pair.Sign, other.Sign], [pair.SignBare, other.SignBare]);
        }

        yield return StartProbe.MeasureFirstSignature("start-to-signature-ms", 100);
        yield return StartProbe.MeasureKeys("keys-100k-mib", 100_000, 300);
    }
}

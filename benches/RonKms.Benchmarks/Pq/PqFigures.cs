namespace RonKms.Benchmarks.Pq;

/// <summary>The figures of group pq: the managed implementations beside the platform's SHA-512 of 1 MiB, and beside its own where it has them.</summary>
internal static class PqFigures
{
    internal static IEnumerable<Figure> Measure()
    {
        Mebibyte mebibyte = new();
        using (KemWork kem = new(KeyAlgorithm.MLKem768))
        {
            yield return PairedRatio.Measure("encapsulate-mlkem768", 0.06, kem.Encapsulate, mebibyte.Hash, repeat: 16);
            yield return PairedRatio.Measure("decapsulate-mlkem768", 0.06, kem.Decapsulate, mebibyte.Hash, repeat: 16);
            yield return Allocation.Measure("encapsulate-mlkem768-bytes", kem.Encapsulate);
            yield return Allocation.Measure("decapsulate-mlkem768-bytes", kem.Decapsulate);
        }

        using (SignatureWork signing = new(KeyAlgorithm.MLDsa65))
        {
            yield return PairedRatio.Measure("verify-mldsa65", 0.15, signing.Verify, mebibyte.Hash, repeat: 8);
            yield return Allocation.Measure("sign-mldsa65-bytes", signing.Sign);
            yield return Allocation.Measure("verify-mldsa65-bytes", signing.Verify);
        }

        foreach (KeyAlgorithm algorithm in (KeyAlgorithm[])[KeyAlgorithm.SlhDsaShake128f, KeyAlgorithm.SlhDsaSha2_128f])
        {
            using SignatureWork signing = new(algorithm);
            yield return Allocation.Measure($"sign-{algorithm}-bytes", signing.Sign, count: 10);
            yield return Allocation.Measure($"verify-{algorithm}-bytes", signing.Verify, count: 100);
        }

        foreach (Figure figure in StartProbe.MeasureFirstKem(limit: 20))
        {
            yield return figure;
        }

        yield return StartProbe.MeasureLocked("mldsa65-16384-opened-mib", 16_384, 420);
        if (ReferenceFigures.HasReference)
        {
            foreach (Figure figure in ReferenceFigures.Measure())
            {
                yield return figure;
            }
        }
    }
}

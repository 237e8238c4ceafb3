using System.Security.Cryptography;

// SYSLIB5006: the platform's SLH-DSA may still change. It is only measured here.
#pragma warning disable SYSLIB5006

namespace RonKms.Benchmarks.Pq;

/// <summary>The figures of group pq beside the platform's own post-quantum algorithms, OpenSSL 3.5 through .NET, in the same run.</summary>
/// <remarks>Our side goes through the keystore, the platform's does not.</remarks>
internal static class ReferenceFigures
{
    // Signatures with ML-DSA take one candidate or many: a slice has enough of them, of enough keys, that its time is near the mean.
    private const int SigningKeys = 32;
    private const int SignaturesOfASlice = 64;

    // In turn, several to each place where ready public keys are kept, so that each is new again when its turn comes.
    private const int NewKeys = 512;

    /// <summary>Whether the platform has what is compared with.</summary>
    internal static bool HasReference => MLKem.IsSupported && MLDsa.IsSupported && SlhDsa.IsSupported;

    internal static IEnumerable<Figure> Measure()
    {
        using (KemWork ours = new(KeyAlgorithm.MLKem768))
        using (PlatformKem theirs = new(MLKemAlgorithm.MLKem768))
        {
            yield return PairedRatio.Measure("mlkem768-keygen-openssl", 0.8, ours.GenerateKey, theirs.GenerateKey);
            yield return PairedRatio.Measure("mlkem768-encapsulate-openssl", 0.8, ours.Encapsulate, theirs.Encapsulate);
            using KemWork oursWithNewKeys = new(KeyAlgorithm.MLKem768, NewKeys);
            yield return PairedRatio.Measure("mlkem768-encapsulate-new-key-openssl", 0.8, oursWithNewKeys.EncapsulateInTurn, theirs.Encapsulate);
            yield return PairedRatio.Measure("mlkem768-decapsulate-openssl", 0.8, ours.Decapsulate, theirs.Decapsulate);
        }

        using (SignatureWork ours = new(KeyAlgorithm.MLDsa65, SigningKeys))
        using (PlatformSignatures<MLDsa> theirs = new(
            SigningKeys,
            MLDsaAlgorithm.MLDsa65.SignatureSizeInBytes,
            () => MLDsa.GenerateKey(MLDsaAlgorithm.MLDsa65),
            (key, message, signature) => key.SignData(message, signature.AsSpan()),
            (key, message, signature) => key.VerifyData(message, signature)))
        {
            yield return PairedRatio.Measure("mldsa65-keygen-openssl", 0.5, ours.GenerateKey, theirs.GenerateKey);
            yield return PairedRatio.Measure("mldsa65-sign-openssl", 0.5, ours.Sign, theirs.Sign, rounds: 20, batch: SignaturesOfASlice);
            yield return PairedRatio.Measure("mldsa65-verify-openssl", 0.5, ours.Verify, theirs.Verify);
            using SignatureWork oursWithNewKeys = new(KeyAlgorithm.MLDsa65, NewKeys);
            yield return PairedRatio.Measure("mldsa65-verify-new-key-openssl", 0.5, oursWithNewKeys.VerifyInTurn, theirs.Verify);
        }

        foreach (Figure figure in OfSlhDsa(KeyAlgorithm.SlhDsaShake128f, SlhDsaAlgorithm.SlhDsaShake128f, signLimit: 0.4, verifyLimit: 0.4, rounds: 20))
        {
            yield return figure;
        }

        foreach (Figure figure in OfSlhDsa(KeyAlgorithm.SlhDsaSha2_128f, SlhDsaAlgorithm.SlhDsaSha2_128f, signLimit: 1, verifyLimit: 1, rounds: 20))
        {
            yield return figure;
        }

        foreach (Figure figure in OfSlhDsa(KeyAlgorithm.SlhDsaSha2_128s, SlhDsaAlgorithm.SlhDsaSha2_128s, signLimit: 1, verifyLimit: null, rounds: 6))
        {
            yield return figure;
        }
    }

    private static IEnumerable<Figure> OfSlhDsa(KeyAlgorithm ours, SlhDsaAlgorithm theirs, double signLimit, double? verifyLimit, int rounds)
    {
        using SignatureWork work = new(ours);
        using PlatformSignatures<SlhDsa> reference = new(
            keys: 1,
            theirs.SignatureSizeInBytes,
            () => SlhDsa.GenerateKey(theirs),
            (key, message, signature) => key.SignData(message, signature.AsSpan()),
            (key, message, signature) => key.VerifyData(message, signature));
        yield return PairedRatio.Measure($"{ours}-sign-openssl", signLimit, work.Sign, reference.Sign, rounds: rounds);
        if (verifyLimit is { } limit)
        {
            yield return PairedRatio.Measure($"{ours}-verify-openssl", limit, work.Verify, reference.Verify, rounds: 100);
        }
    }
}

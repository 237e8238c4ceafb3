using System.Security.Cryptography;
using RonKms.Benchmarks.Core;
using RonKms.Benchmarks.Pq;
using RonKms.Interop;

namespace RonKms.Benchmarks.Gate;

/// <summary>The operations of the drift gate, each beside work of a similar kind that no change here makes faster or slower.</summary>
/// <remarks>A figure's limit is how many times its value in the baseline it may be.</remarks>
internal static class GateFigures
{
    private const double Signing = 1.20;
    private const double Agreement = 1.25;
    private const double Wrapping = 1.20;
    private const int Rounds = 100;
    private const int MessageSize = 128;

    // Signatures with ML-DSA take one candidate or many: a slice has several, of many keys, and there are a thousand slices.
    private const int MLDsaKeys = 32;
    private const int MLDsaSignatures = 8;

    internal static IEnumerable<Figure> Measure()
    {
        using Keystore kms = Keystore.InMemory();
        using (Ed25519Pair pair = new(kms, MessageSize))
        {
            yield return Drift("sign-ed25519", Signing, pair.Sign, pair.SignBare);
            yield return Drift("verify-ed25519", Signing, pair.Verify, pair.VerifyBare);
        }

        using (P256Pair pair = new(kms, MessageSize))
        {
            yield return Drift("sign-p256", Signing, pair.Sign, pair.SignBare);
            yield return Drift("verify-p256", Signing, pair.Verify, pair.VerifyBare);
        }

        using (RsaPair pair = new(kms, MessageSize))
        {
            yield return Drift("sign-rsa2048", Signing, pair.Sign, pair.SignBare, rounds: 40);
            yield return Drift("verify-rsa2048", Signing, pair.Verify, pair.VerifyBare);
        }

        Mebibyte mebibyte = new();
        foreach (KeyAlgorithm algorithm in (KeyAlgorithm[])[KeyAlgorithm.MLDsa65, KeyAlgorithm.Ed25519MLDsa65, KeyAlgorithm.CompositeMLDsa65Ed25519])
        {
            using SignatureWork signing = new(algorithm, MLDsaKeys);
            yield return Drift($"sign-{algorithm}", Signing, signing.Sign, mebibyte.Hash, MLDsaSignatures);
            yield return Drift($"verify-{algorithm}", Signing, signing.Verify, mebibyte.Hash, repeat: 16);
        }

        using (SignatureWork signing = new(KeyAlgorithm.SlhDsaShake128f))
        {
            yield return Drift($"sign-{KeyAlgorithm.SlhDsaShake128f}", Signing, signing.Sign, mebibyte.Hash, rounds: 20);
            yield return Drift($"verify-{KeyAlgorithm.SlhDsaShake128f}", Signing, signing.Verify, mebibyte.Hash, repeat: 2);
        }

        using (KemWork kem = new(KeyAlgorithm.MLKem768))
        {
            yield return Drift($"encapsulate-{KeyAlgorithm.MLKem768}", Agreement, kem.Encapsulate, mebibyte.Hash, repeat: 64);
            yield return Drift($"decapsulate-{KeyAlgorithm.MLKem768}", Agreement, kem.Decapsulate, mebibyte.Hash, repeat: 64);
        }

        foreach (KeyAlgorithm algorithm in (KeyAlgorithm[])[KeyAlgorithm.X25519, KeyAlgorithm.XWing])
        {
            using KemWork kem = new(algorithm);
            yield return Drift($"encapsulate-{algorithm}", Agreement, kem.Encapsulate, MultiplyPoint);
            yield return Drift($"decapsulate-{algorithm}", Agreement, kem.Decapsulate, MultiplyPoint);
        }

        foreach ((string size, int bytes) in new[] { ("128", 128), ("1mib", 1 << 20) })
        {
            using AesGcmPair pair = new(kms, bytes);
            yield return Drift($"wrap-{size}", Wrapping, pair.Wrap, pair.EncryptBare);
            yield return Drift($"unwrap-{size}", Wrapping, pair.Unwrap, pair.DecryptBare);
        }
    }

    private static Figure Drift(string name, double limit, Action<int> subject, Action<int> reference, int repeat = 1, int rounds = Rounds) =>
        PairedRatio.Measure(name, limit, subject, reference, repeat, rounds);

    /// <summary>libsodium's X25519 alone, of a scalar and a point that are not secret.</summary>
    private static void MultiplyPoint(int count)
    {
        Span<byte> scalar = stackalloc byte[Libsodium.crypto_scalarmult_curve25519_SCALARBYTES];
        Span<byte> point = stackalloc byte[Libsodium.crypto_scalarmult_curve25519_BYTES];
        Span<byte> product = stackalloc byte[Libsodium.crypto_scalarmult_curve25519_BYTES];
        scalar.Fill(0x77);
        point[0] = 9;
        for (int i = 0; i < count; i++)
        {
            if (Libsodium.crypto_scalarmult_curve25519(product, scalar, point) != 0)
            {
                throw new CryptographicException("What is measured does not work.");
            }
        }
    }
}

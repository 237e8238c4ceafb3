using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Algorithms;
using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz.Targets;

/// <summary>Raw public keys and signatures of the classical algorithms: what is taken, the platform takes too, in the standard form that it is given.</summary>
/// <remarks>The first byte chooses the algorithm. RSA's raw form is SubjectPublicKeyInfo.</remarks>
internal static class PublicKeyTarget
{
    private static readonly Algorithm[] s_algorithms =
        [new Ed25519Algorithm(), new X25519Algorithm(), new EcdsaP256Algorithm(), new RsaAlgorithm(KeyAlgorithm.Rsa2048)];

    internal static FuzzTarget Target { get; } = new("public-key", Run)
    {
        Seeds = static _ => Seeds(),
        MaxSize = 640,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        Algorithm algorithm = s_algorithms[input[0] % s_algorithms.Length];
        ReadOnlySpan<byte> publicKey = input[1..];
        if (!algorithm.IsValidPublicKey(publicKey))
        {
            return;
        }

        byte[] spki = algorithm.ExportSubjectPublicKeyInfo(publicKey);
        KmsPublicKey key = KmsPublicKey.FromRaw(algorithm.Id, publicKey);
        Oracle.Same(publicKey, key.Raw.Span);
        using (JsonDocument jwk = JsonDocument.Parse(key.ToJwk()))
        {
            Oracle.Holds(jwk.RootElement.GetProperty("kty").GetString() is "OKP" or "EC" or "RSA", "a JWK of another type");
        }

        if (algorithm is EcdsaP256Algorithm)
        {
            using ECDsa platform = ECDsa.Create();
            platform.ImportSubjectPublicKeyInfo(spki, out int read);
            Oracle.Holds(read == spki.Length, "the platform did not read all");
            Oracle.Same(spki, platform.ExportSubjectPublicKeyInfo());
        }
        else if (algorithm is RsaAlgorithm)
        {
            using RSA platform = RSA.Create();
            platform.ImportSubjectPublicKeyInfo(spki, out int read);
            Oracle.Holds(read == spki.Length, "the platform did not read all");
            Oracle.Same(publicKey, platform.ExportSubjectPublicKeyInfo());
        }

        if (algorithm is SignatureAlgorithm)
        {
            Oracle.Holds(!key.Verify("message"u8, new byte[256]) && !key.Verify("message"u8, publicKey), "a signature of nothing is good");
        }
    }

    private static IEnumerable<byte[]> Seeds()
    {
        yield return [0, .. Convert.FromHexString("19BF44096984CDFE8541BAC167DC3B96C85086AA30B6B6CB0C5C38AD703166E1")];
        yield return [1, .. Convert.FromHexString("8520F0098930A754748B7DDCB43EF75A0DBF3A0D26381AF4EBA4A98EAA9B4E6A")];
        using ECDsa p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        yield return [2, .. p256.ExportSubjectPublicKeyInfo()[^65..]];
        using RSA rsa = RSA.Create(2048);
        yield return [3, .. rsa.ExportSubjectPublicKeyInfo()];
    }
}

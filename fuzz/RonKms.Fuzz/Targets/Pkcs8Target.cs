using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Fuzz.Engine;
using RonKms.PostQuantum.MLDsa;
using RonKms.PostQuantum.MLKem;

namespace RonKms.Fuzz.Targets;

/// <summary>Private keys in PKCS#8: what an algorithm takes is a secret that it can use, of one algorithm alone.</summary>
/// <remarks>Not of SLH-DSA, whose import computes a whole tree.</remarks>
internal static class Pkcs8Target
{
    private static readonly Algorithm[] s_algorithms =
    [
        new Ed25519Algorithm(), new X25519Algorithm(), new EcdsaP256Algorithm(), new RsaAlgorithm(KeyAlgorithm.Rsa2048),
        new ManagedMLKemAlgorithm(KeyAlgorithm.MLKem512), new ManagedMLDsaAlgorithm(KeyAlgorithm.MLDsa44),
    ];

    internal static FuzzTarget Target { get; } = new("pkcs8", Run)
    {
        Expects = static e => e is KmsException { Error: KmsError.ImportRefused },
        Seeds = static _ => Seeds(),
        MaxSize = 6000,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        int takenBy = 0;
        foreach (Algorithm algorithm in s_algorithms)
        {
            using SecretBytes? secret = algorithm.ImportPkcs8(input);
            if (secret is not null)
            {
                takenBy++;
                byte[] publicKey = new byte[algorithm.Id.PublicKeySize];
                Oracle.Holds(algorithm.TryGetPublicKey(secret.Reveal(), publicKey), $"{algorithm.Id} took a secret that it refuses");
                Oracle.Holds(algorithm.IsValidPublicKey(publicKey) && algorithm.IsPublicKeyOf(secret.Reveal(), publicKey), $"the public key of {algorithm.Id} is not the secret's");
            }
        }

        Oracle.Holds(takenBy <= 1, $"{takenBy} algorithms took it");
    }

    private static IEnumerable<byte[]> Seeds()
    {
        byte[] seed = new byte[64];
        seed.AsSpan().Fill(0x42);
        byte[] ed25519 = Convert.FromBase64String("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC");
        yield return ed25519;

        // RFC 8410, section 10.3: with attribute and public key.
        yield return Convert.FromBase64String(
            "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
        byte[] x25519 = [.. ed25519];
        x25519[11] = 0x6E;
        yield return x25519;
        using ECDsa p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        yield return p256.ExportPkcs8PrivateKey();
        using RSA rsa = RSA.Create(2048);
        yield return rsa.ExportPkcs8PrivateKey();

        // RFC 9935 and RFC 9881, section 6: the seed alone.
        yield return [0x30, 0x54, 0x02, 0x01, 0x00, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, 0x01, 0x04, 0x42, 0x80, 0x40, .. seed];
        yield return [0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11, 0x04, 0x22, 0x80, 0x20, .. seed[..32]];
    }
}

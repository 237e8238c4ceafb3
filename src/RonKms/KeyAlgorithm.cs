namespace RonKms;

/// <summary>The name of an algorithm, with the sizes that the sealed format fixes for it.</summary>
/// <remarks>
/// A closed set: one instance an algorithm, compared by reference. Knowing an algorithm is not having it:
/// the implementations are in an <see cref="Algorithms.AlgorithmCatalog"/>. Identifiers and sizes: docs/formats/ronk-v1.md, section 5.
/// </remarks>
public sealed class KeyAlgorithm
{
    /// <summary>Ed25519 signatures (RFC 8032).</summary>
    public static readonly KeyAlgorithm Ed25519 = new(0x0001, "ed25519", KeyUse.Sign, publicKey: 32, secret: 32);

    /// <summary>X25519 key agreement as a KEM, DHKEM(X25519, HKDF-SHA256) (RFC 7748, RFC 9180).</summary>
    public static readonly KeyAlgorithm X25519 = new(0x0002, "x25519", KeyUse.Encapsulate, publicKey: 32, secret: 32);

    /// <summary>ECDSA on P-256 with SHA-256 (FIPS 186-5).</summary>
    public static readonly KeyAlgorithm P256 = new(0x0003, "p256", KeyUse.Sign, publicKey: 65, secret: 32);

    /// <summary>RSA-2048 signatures, public exponent 65537 (RFC 8017).</summary>
    public static readonly KeyAlgorithm Rsa2048 = new(0x0010, "rsa2048", KeyUse.Sign, publicKey: 294, secret: 0);

    /// <summary>RSA-3072 signatures, public exponent 65537 (RFC 8017).</summary>
    public static readonly KeyAlgorithm Rsa3072 = new(0x0011, "rsa3072", KeyUse.Sign, publicKey: 422, secret: 0);

    /// <summary>RSA-4096 signatures, public exponent 65537 (RFC 8017).</summary>
    public static readonly KeyAlgorithm Rsa4096 = new(0x0012, "rsa4096", KeyUse.Sign, publicKey: 550, secret: 0);

    /// <summary>Envelopes under XAES-256-GCM (C2SP), a 256-bit key.</summary>
    public static readonly KeyAlgorithm Aes256Gcm = new(0x0020, "aes256gcm", KeyUse.Wrap, publicKey: 0, secret: 32);

    /// <summary>Envelopes under XChaCha20-Poly1305, a 256-bit key.</summary>
    public static readonly KeyAlgorithm ChaCha20Poly1305 = new(0x0021, "chacha20poly1305", KeyUse.Wrap, publicKey: 0, secret: 32);

    /// <summary>HMAC with SHA-256 (RFC 2104), a 256-bit key.</summary>
    public static readonly KeyAlgorithm HmacSha256 = new(0x0022, "hmacsha256", KeyUse.Mac, publicKey: 0, secret: 32);

    /// <summary>ML-KEM-512 (FIPS 203).</summary>
    public static readonly KeyAlgorithm MLKem512 = new(0x0101, "mlkem512", KeyUse.Encapsulate, publicKey: 800, secret: 64);

    /// <summary>ML-KEM-768 (FIPS 203).</summary>
    public static readonly KeyAlgorithm MLKem768 = new(0x0102, "mlkem768", KeyUse.Encapsulate, publicKey: 1184, secret: 64);

    /// <summary>ML-KEM-1024 (FIPS 203).</summary>
    public static readonly KeyAlgorithm MLKem1024 = new(0x0103, "mlkem1024", KeyUse.Encapsulate, publicKey: 1568, secret: 64);

    /// <summary>ML-DSA-44 (FIPS 204).</summary>
    public static readonly KeyAlgorithm MLDsa44 = new(0x0111, "mldsa44", KeyUse.Sign, publicKey: 1312, secret: 32);

    /// <summary>ML-DSA-65 (FIPS 204).</summary>
    public static readonly KeyAlgorithm MLDsa65 = new(0x0112, "mldsa65", KeyUse.Sign, publicKey: 1952, secret: 32);

    /// <summary>ML-DSA-87 (FIPS 204).</summary>
    public static readonly KeyAlgorithm MLDsa87 = new(0x0113, "mldsa87", KeyUse.Sign, publicKey: 2592, secret: 32);

    /// <summary>SLH-DSA-SHA2-128s (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaSha2_128s = SlhDsa(0x0121, "sha2-128s", 16);

    /// <summary>SLH-DSA-SHAKE-128s (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaShake128s = SlhDsa(0x0122, "shake-128s", 16);

    /// <summary>SLH-DSA-SHA2-128f (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaSha2_128f = SlhDsa(0x0123, "sha2-128f", 16);

    /// <summary>SLH-DSA-SHAKE-128f (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaShake128f = SlhDsa(0x0124, "shake-128f", 16);

    /// <summary>SLH-DSA-SHA2-192s (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaSha2_192s = SlhDsa(0x0125, "sha2-192s", 24);

    /// <summary>SLH-DSA-SHAKE-192s (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaShake192s = SlhDsa(0x0126, "shake-192s", 24);

    /// <summary>SLH-DSA-SHA2-192f (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaSha2_192f = SlhDsa(0x0127, "sha2-192f", 24);

    /// <summary>SLH-DSA-SHAKE-192f (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaShake192f = SlhDsa(0x0128, "shake-192f", 24);

    /// <summary>SLH-DSA-SHA2-256s (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaSha2_256s = SlhDsa(0x0129, "sha2-256s", 32);

    /// <summary>SLH-DSA-SHAKE-256s (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaShake256s = SlhDsa(0x012A, "shake-256s", 32);

    /// <summary>SLH-DSA-SHA2-256f (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaSha2_256f = SlhDsa(0x012B, "sha2-256f", 32);

    /// <summary>SLH-DSA-SHAKE-256f (FIPS 205).</summary>
    public static readonly KeyAlgorithm SlhDsaShake256f = SlhDsa(0x012C, "shake-256f", 32);

    /// <summary>X-Wing, X25519 with ML-KEM-768.</summary>
    public static readonly KeyAlgorithm XWing = new(0x0201, "xwing", KeyUse.Encapsulate, publicKey: 1216, secret: 32, MLKem768, X25519);

    /// <summary>Ed25519 and ML-DSA-65 as two separable signatures.</summary>
    public static readonly KeyAlgorithm Ed25519MLDsa65 =
        new(0x0211, "ed25519+mldsa65", KeyUse.Sign, publicKey: 1984, secret: 64, Ed25519, MLDsa65);

    /// <summary>The composite signature id-MLDSA65-Ed25519-SHA512.</summary>
    public static readonly KeyAlgorithm CompositeMLDsa65Ed25519 =
        new(0x0212, "composite-mldsa65-ed25519", KeyUse.Sign, publicKey: 1984, secret: 64, MLDsa65, Ed25519);

    private static readonly KeyAlgorithm[] s_all =
    [
        Ed25519, X25519, P256, Rsa2048, Rsa3072, Rsa4096, Aes256Gcm, ChaCha20Poly1305, HmacSha256,
        MLKem512, MLKem768, MLKem1024, MLDsa44, MLDsa65, MLDsa87,
        SlhDsaSha2_128s, SlhDsaShake128s, SlhDsaSha2_128f, SlhDsaShake128f, SlhDsaSha2_192s, SlhDsaShake192s,
        SlhDsaSha2_192f, SlhDsaShake192f, SlhDsaSha2_256s, SlhDsaShake256s, SlhDsaSha2_256f, SlhDsaShake256f,
        XWing, Ed25519MLDsa65, CompositeMLDsa65Ed25519,
    ];

    private readonly KeyAlgorithm[] _components;

    private KeyAlgorithm(ushort id, string name, KeyUse use, int publicKey, int secret, params KeyAlgorithm[] components)
    {
        Id = id;
        Name = name;
        Use = use;
        PublicKeySize = publicKey;
        SecretSize = secret;
        _components = components;
    }

    /// <summary>Every algorithm that the format knows.</summary>
    public static IReadOnlyList<KeyAlgorithm> All { get; } = Array.AsReadOnly(s_all);

    /// <summary>The identifier in a sealed record, two bytes.</summary>
    public ushort Id { get; }

    /// <summary>The name in a <c>KeyId</c>, lower case.</summary>
    public string Name { get; }

    /// <summary>What keys of this algorithm do.</summary>
    public KeyUse Use { get; }

    /// <summary>The exact size of the raw public key in bytes; 0 for symmetric keys.</summary>
    public int PublicKeySize { get; }

    /// <summary>The exact size of the secret in bytes; 0 where it varies (RSA, whose secret is PKCS#8).</summary>
    public int SecretSize { get; }

    /// <summary>Whether a classical and a post-quantum algorithm are combined.</summary>
    public bool IsHybrid => _components.Length != 0;

    /// <summary>Whether keys of this algorithm have a public half.</summary>
    public bool IsAsymmetric => PublicKeySize != 0;

    /// <summary>What a hybrid combines: its public key is theirs, one after the other in this order. Empty for the rest.</summary>
    internal ReadOnlySpan<KeyAlgorithm> Components => _components;

    /// <summary>Whether a quantum computer breaks it: public-key cryptography of the identifiers below 0x0100, with no post-quantum half.</summary>
    internal bool IsClassicalOnly => IsAsymmetric && Id < 0x0100;

    /// <summary>Finds an algorithm by its name, in any letter case.</summary>
    /// <param name="name">The name, as <see cref="Name"/>.</param>
    /// <returns>The algorithm, or <see langword="null"/> where the name is unknown.</returns>
    public static KeyAlgorithm? FindByName(ReadOnlySpan<char> name)
    {
        foreach (KeyAlgorithm algorithm in s_all)
        {
            if (name.Equals(algorithm.Name, StringComparison.OrdinalIgnoreCase))
            {
                return algorithm;
            }
        }

        return null;
    }

    /// <summary>Finds an algorithm by its identifier in a sealed record.</summary>
    /// <param name="id">The identifier, as <see cref="Id"/>.</param>
    /// <returns>The algorithm, or <see langword="null"/> where the identifier is unknown.</returns>
    public static KeyAlgorithm? FindById(ushort id)
    {
        foreach (KeyAlgorithm algorithm in s_all)
        {
            if (algorithm.Id == id)
            {
                return algorithm;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static KeyAlgorithm SlhDsa(ushort id, string name, int n) => new(id, "slhdsa-" + name, KeyUse.Sign, publicKey: 2 * n, secret: 4 * n);
}

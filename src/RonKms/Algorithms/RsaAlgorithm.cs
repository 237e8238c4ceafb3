using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>RSA signatures with SHA-256, by the platform: PSS with a salt of 32 bytes, or PKCS#1 v1.5 on request.</summary>
/// <remarks>
/// Moduli of 2048, 3072 and 4096 bits, e = 65537 alone. Public key: SubjectPublicKeyInfo in DER, of the exact size; secret: PKCS#8 in
/// DER; signature as long as the modulus. While a key is open, its secret is in the platform's own heap too (OpenSSL's on Linux),
/// which is neither locked nor kept out of core dumps; the platform wipes it on disposal. Constant-time: as the platform's RSA
/// is, which blinds. Source: RFC 8017, sections 8.1 and 8.2.
/// </remarks>
public sealed class RsaAlgorithm : SignatureAlgorithm
{
    private readonly int _modulusSize;
    private readonly VerifierCache<RSA> _verifiers;
    private RsaPublicKey? _public;
    private RsaPrivateKey? _private;

    /// <summary>Creates the implementation for a modulus size.</summary>
    /// <param name="id"><see cref="KeyAlgorithm.Rsa2048"/>, <see cref="KeyAlgorithm.Rsa3072"/> or <see cref="KeyAlgorithm.Rsa4096"/>.</param>
    /// <exception cref="ArgumentException">Another algorithm.</exception>
    public RsaAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        _modulusSize = SizeOfModulus(id);
        _verifiers = new VerifierCache<RSA>(key => Public.IsValid(key), key => Public.Create(key));
    }

    /// <inheritdoc/>
    public override string Provider => "platform";

    // Made when first asked for: every catalog has three of these objects, and few programs use them.
    private RsaPublicKey Public => _public ??= new RsaPublicKey(_modulusSize);

    private RsaPrivateKey Private => _private ??= new RsaPrivateKey(Public);

    /// <inheritdoc/>
    public override int MaxSecretSize => Private.MaxSize;

    /// <inheritdoc/>
    public override int MaxSignatureSize => _modulusSize;

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) => publicKey.ToArray();

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) => Public.ExportJwk(publicKey);

    /// <inheritdoc/>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        SecretBytes? secret = Private.Canonicalise(pkcs8);
        if (secret is not null && !TryGetPublicKeyCore(secret.Reveal(), new byte[Id.PublicKeySize]))
        {
            secret.Dispose();
            return null;
        }

        return secret;
    }

    /// <summary>The platform's name of a padding.</summary>
    /// <param name="options">The options it is taken from.</param>
    /// <returns>The padding.</returns>
    internal static RSASignaturePadding PaddingOf(SignOptions? options) =>
        options?.RsaPadding == RsaPadding.Pkcs1 ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss;

    /// <inheritdoc/>
    protected override void CheckEncodingOptions(SignOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.RsaPadding is not (RsaPadding.Pss or RsaPadding.Pkcs1))
        {
            throw new ArgumentException("There is no such RSA padding.", nameof(options));
        }

        if (options.EcdsaEncoding != EcdsaEncoding.Fixed)
        {
            throw new ArgumentException($"{Id} signatures have no ECDSA encoding to choose.", nameof(options));
        }
    }

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret) => Private.Generate(secret);

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) =>
        Private.TryGetPublicKey(secret, publicKey);

    /// <inheritdoc/>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => Public.IsValid(publicKey);

    /// <inheritdoc/>
    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) => new RsaSigningKey(this, secret);

    /// <inheritdoc/>
    protected override bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options)
    {
        if (signature.Length != _modulusSize || !_verifiers.TryGet(publicKey, out HandlePool<RSA>? handles))
        {
            return false;
        }

        RSA handle = handles.Rent();
        try
        {
            return handle.VerifyData(message, signature, HashAlgorithmName.SHA256, PaddingOf(options));
        }
        finally
        {
            handles.Return(handle);
        }
    }

    private static int SizeOfModulus(KeyAlgorithm id) =>
        id == KeyAlgorithm.Rsa2048 ? 2048 / 8
        : id == KeyAlgorithm.Rsa3072 ? 3072 / 8
        : id == KeyAlgorithm.Rsa4096 ? 4096 / 8
        : throw new ArgumentException($"{id} is not an RSA algorithm.", nameof(id));
}

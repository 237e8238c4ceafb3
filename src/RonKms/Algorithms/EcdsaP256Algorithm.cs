using System.Buffers.Text;
using System.Security.Cryptography;

namespace RonKms.Algorithms;

/// <summary>ECDSA on P-256 with SHA-256, by the platform.</summary>
/// <remarks>
/// Secret 32 bytes, a scalar from 1 to n − 1; public key 65, the uncompressed point; signature 64, r ‖ s, or DER of at most 72.
/// While a key is open, its scalar is in the platform's own heap too (OpenSSL's on Linux), which is neither locked nor kept out of
/// core dumps; the platform wipes its key on disposal, but OpenSSL 3.0 is seen to leave a copy in freed memory, which stays until that is
/// used again. Constant-time: as the platform's P-256 is, with nonces that are random.
/// Any s from 1 to n − 1 is accepted. Source: FIPS 186-5, section 6; RFC 5480; RFC 5915.
/// </remarks>
public sealed class EcdsaP256Algorithm : SignatureAlgorithm
{
    internal const int FixedSignatureSize = 2 * P256.FieldSize;

    private readonly VerifierCache<ECDsa> _verifiers = new(key => P256.IsPoint(key), key => P256.CreatePublic(key));

    /// <summary>Creates the implementation.</summary>
    public EcdsaP256Algorithm()
        : base(KeyAlgorithm.P256)
    {
    }

    /// <inheritdoc/>
    public override string Provider => "platform";

    /// <inheritdoc/>
    public override int MaxSignatureSize => EcdsaDer.MaxSize;

    /// <inheritdoc/>
    public override int GetSignatureSize(SignOptions? options) =>
        options?.EcdsaEncoding == EcdsaEncoding.Der ? EcdsaDer.MaxSize : FixedSignatureSize;

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) =>
        [0x30, 0x59, .. P256.AlgorithmIdentifier, 0x03, 0x42, 0x00, .. publicKey];

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) =>
    [
        new("kty", "EC"),
        new("crv", "P-256"),
        new("x", Base64Url.EncodeToString(publicKey.Slice(1, P256.FieldSize))),
        new("y", Base64Url.EncodeToString(publicKey[(1 + P256.FieldSize)..])),
    ];

    /// <inheritdoc/>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        if (!Pkcs8.TryRead(pkcs8, P256.AlgorithmIdentifier, out ReadOnlySpan<byte> privateKey, out ReadOnlySpan<byte> attached)
            || !P256.TryReadEcPrivateKey(privateKey, out ReadOnlySpan<byte> scalar, out ReadOnlySpan<byte> attachedInside))
        {
            return null;
        }

        Span<byte> publicKey = stackalloc byte[P256.PointSize];
        bool isConsistent = TryGetPublicKey(scalar, publicKey)
            && (attached.IsEmpty || attached.SequenceEqual(publicKey))
            && (attachedInside.IsEmpty || attachedInside.SequenceEqual(publicKey));
        return isConsistent ? SecretBytes.CopyOf(scalar) : null;
    }

    /// <inheritdoc/>
    protected override void CheckEncodingOptions(SignOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.EcdsaEncoding is not (EcdsaEncoding.Fixed or EcdsaEncoding.Der))
        {
            throw new ArgumentException("There is no such ECDSA encoding.", nameof(options));
        }

        if (options.RsaPadding != RsaPadding.Pss)
        {
            throw new ArgumentException($"{Id} signatures have no RSA padding to choose.", nameof(options));
        }
    }

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        // FIPS 186-5, A.2.2: random bytes until they are in range; all but one in 2^32 are.
        do
        {
            Entropy.Fill(secret);
        }
        while (!P256.IsScalar(secret));

        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        if (!P256.IsScalar(secret))
        {
            return false;
        }

        using ECDsa key = P256.CreatePrivate(secret, point: []);
        P256.ExportPoint(key, publicKey);
        return true;
    }

    /// <inheritdoc/>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => P256.IsPoint(publicKey);

    /// <inheritdoc/>
    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        new EcdsaP256SigningKey(this, secret, publicKey);

    /// <inheritdoc/>
    protected override bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options)
    {
        Span<byte> rs = stackalloc byte[FixedSignatureSize];
        bool isWellFormed = options?.EcdsaEncoding == EcdsaEncoding.Der ? EcdsaDer.TryDecode(signature, rs) : signature.Length == rs.Length;
        if (!isWellFormed || !_verifiers.TryGet(publicKey, out HandlePool<ECDsa>? handles))
        {
            return false;
        }

        if (options?.EcdsaEncoding != EcdsaEncoding.Der)
        {
            signature.CopyTo(rs);
        }

        ECDsa handle = handles.Rent();
        try
        {
            return handle.VerifyData(message, rs, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            handles.Return(handle);
        }
    }
}

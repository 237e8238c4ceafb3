using RonKms.Algorithms;
using Platform = System.Security.Cryptography;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>ML-DSA signatures, pure and hedged, by the platform: OpenSSL 3.5 or newer, or Windows.</summary>
/// <remarks>
/// The same keys and signatures as <see cref="ManagedMLDsaAlgorithm"/>, which see for the sizes. An opened key keeps its seed in guarded
/// memory; the platform keeps the expanded key in its own heap and wipes it as it does. Constant time as far as the platform is.
/// Source: FIPS 204.
/// </remarks>
public sealed class PlatformMLDsaAlgorithm : SignatureAlgorithm
{
    private readonly MLDsaParameters _parameters;
    private readonly Platform.MLDsaAlgorithm _platform;
    private readonly VerifierCache<Platform.MLDsa> _verifiers;

    /// <summary>Creates the implementation of a parameter set.</summary>
    /// <param name="id"><see cref="KeyAlgorithm.MLDsa44"/>, <see cref="KeyAlgorithm.MLDsa65"/> or <see cref="KeyAlgorithm.MLDsa87"/>.</param>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>: the platform has no ML-DSA; see <see cref="IsSupported"/>.</exception>
    public PlatformMLDsaAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        _parameters = MLDsaParameters.Of(id);
        if (!IsSupported)
        {
            throw new KmsException(KmsError.AlgUnavailable, $"The platform has no {_parameters.Name}: use PostQuantumProvider.Auto or Managed.");
        }

        _platform = id == KeyAlgorithm.MLDsa44 ? Platform.MLDsaAlgorithm.MLDsa44
            : id == KeyAlgorithm.MLDsa65 ? Platform.MLDsaAlgorithm.MLDsa65
            : Platform.MLDsaAlgorithm.MLDsa87;
        _verifiers = new VerifierCache<Platform.MLDsa>(_ => true, key => Platform.MLDsa.ImportMLDsaPublicKey(_platform, key));
    }

    /// <summary>Whether the platform has ML-DSA.</summary>
    public static bool IsSupported => Platform.MLDsa.IsSupported;

    /// <inheritdoc/>
    public override string Provider => "platform";

    /// <inheritdoc/>
    public override int MaxSignatureSize => _parameters.SignatureSize;

    /// <inheritdoc/>
    public override bool HasContext => true;

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) => Rfc9881.ExportSubjectPublicKeyInfo(_parameters, publicKey);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) =>
        Rfc9881.ExportJwk(_parameters, publicKey);

    /// <inheritdoc/>
    /// <exception cref="KmsException"><see cref="KmsError.ImportRefused"/>: the key is there without its seed.</exception>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8) => Rfc9881.ImportPkcs8(_parameters, pkcs8);

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        using Platform.MLDsa key = Platform.MLDsa.ImportMLDsaPrivateSeed(_platform, secret);
        key.ExportMLDsaPublicKey(publicKey);
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>Every sequence of bytes of the right length encodes a public key.</remarks>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => true;

    /// <inheritdoc/>
    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        new PlatformMLDsaSigningKey(this, _platform, secret, publicKey);

    /// <inheritdoc/>
    protected override bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options)
    {
        // The platform throws for a signature of another length.
        if (signature.Length != _parameters.SignatureSize || !_verifiers.TryGet(publicKey, out HandlePool<Platform.MLDsa>? handles))
        {
            return false;
        }

        Platform.MLDsa handle = handles.Rent();
        try
        {
            return handle.VerifyData(message, signature, ManagedMLDsaAlgorithm.ContextOf(options));
        }
        finally
        {
            handles.Return(handle);
        }
    }
}

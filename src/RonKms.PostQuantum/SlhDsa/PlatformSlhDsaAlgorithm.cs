// The platform calls its class experimental until it has been used for a while; what it computes is fixed by FIPS 205.
#pragma warning disable SYSLIB5006

using RonKms.Algorithms;
using Platform = System.Security.Cryptography;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>SLH-DSA signatures, pure and hedged, by the platform: OpenSSL 3.5 or newer.</summary>
/// <remarks>
/// The same keys and signatures as <see cref="ManagedSlhDsaAlgorithm"/>, which see for the sizes. An opened key keeps its secret in guarded
/// memory; the platform keeps a copy in its own heap and wipes it as it does. Constant time as far as the platform is.
/// Source: FIPS 205.
/// </remarks>
public sealed class PlatformSlhDsaAlgorithm : SignatureAlgorithm
{
    // The platform takes PK.root as it finds it, so checking a secret is the managed code's.
    private readonly ManagedSlhDsaAlgorithm _managed;
    private readonly Platform.SlhDsaAlgorithm _platform;
    private readonly VerifierCache<Platform.SlhDsa> _verifiers;

    /// <summary>Creates the implementation of a parameter set.</summary>
    /// <param name="id">One of the twelve algorithms of SLH-DSA.</param>
    /// <exception cref="ArgumentException">The algorithm is another one.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>: the platform has no SLH-DSA; see <see cref="IsSupported"/>.</exception>
    public PlatformSlhDsaAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        SlhDsaParameters parameters = SlhDsaParameters.Of(id);
        if (!IsSupported)
        {
            throw new KmsException(KmsError.AlgUnavailable, $"The platform has no {parameters}: use PostQuantumProvider.Auto or Managed.");
        }

        _managed = new ManagedSlhDsaAlgorithm(id);
        _platform = Find(parameters);
        _verifiers = new VerifierCache<Platform.SlhDsa>(_ => true, key => Platform.SlhDsa.ImportSlhDsaPublicKey(_platform, key));
    }

    /// <summary>Whether the platform has SLH-DSA.</summary>
    public static bool IsSupported => Platform.SlhDsa.IsSupported;

    /// <inheritdoc/>
    public override string Provider => "platform";

    /// <inheritdoc/>
    public override int MaxSignatureSize => _managed.MaxSignatureSize;

    /// <inheritdoc/>
    public override bool HasContext => true;

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) => _managed.ExportSubjectPublicKeyInfo(publicKey);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) => _managed.ExportJwk(publicKey);

    /// <inheritdoc/>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8) => _managed.ImportPkcs8(pkcs8);

    /// <summary>The platform's parameter set.</summary>
    /// <param name="parameters">Ours.</param>
    /// <returns>The one of the same name.</returns>
    internal static Platform.SlhDsaAlgorithm Find(SlhDsaParameters parameters)
    {
        ReadOnlySpan<Platform.SlhDsaAlgorithm> all =
        [
            Platform.SlhDsaAlgorithm.SlhDsaSha2_128s, Platform.SlhDsaAlgorithm.SlhDsaShake128s,
            Platform.SlhDsaAlgorithm.SlhDsaSha2_128f, Platform.SlhDsaAlgorithm.SlhDsaShake128f,
            Platform.SlhDsaAlgorithm.SlhDsaSha2_192s, Platform.SlhDsaAlgorithm.SlhDsaShake192s,
            Platform.SlhDsaAlgorithm.SlhDsaSha2_192f, Platform.SlhDsaAlgorithm.SlhDsaShake192f,
            Platform.SlhDsaAlgorithm.SlhDsaSha2_256s, Platform.SlhDsaAlgorithm.SlhDsaShake256s,
            Platform.SlhDsaAlgorithm.SlhDsaSha2_256f, Platform.SlhDsaAlgorithm.SlhDsaShake256f,
        ];
        foreach (Platform.SlhDsaAlgorithm algorithm in all)
        {
            if (algorithm.Name == parameters.Name)
            {
                return algorithm;
            }
        }

        throw new ArgumentException($"The platform knows no {parameters}.", nameof(parameters));
    }

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        using Platform.SlhDsa key = Platform.SlhDsa.GenerateKey(_platform);
        key.ExportSlhDsaPrivateKey(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => _managed.TryGetPublicKey(secret, publicKey);

    /// <inheritdoc/>
    protected override bool IsPublicKeyOfCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        _managed.IsPublicKeyOf(secret, publicKey);

    /// <inheritdoc/>
    /// <remarks>Every string of the right length can be a public key.</remarks>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => true;

    /// <inheritdoc/>
    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        IsPublicKeyOf(secret, publicKey)
            ? new PlatformSlhDsaSigningKey(this, _platform, secret)
            : throw new ArgumentException("The public key is not this secret's.", nameof(publicKey));

    /// <inheritdoc/>
    protected override bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options)
    {
        if (signature.Length != MaxSignatureSize || !_verifiers.TryGet(publicKey, out HandlePool<Platform.SlhDsa>? handles))
        {
            return false;
        }

        Platform.SlhDsa handle = handles.Rent();
        try
        {
            return handle.VerifyData(message, signature, ManagedSlhDsaAlgorithm.ContextOf(options));
        }
        finally
        {
            handles.Return(handle);
        }
    }
}

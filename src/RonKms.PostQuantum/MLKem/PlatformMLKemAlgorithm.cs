using RonKms.Algorithms;
using Platform = System.Security.Cryptography.MLKem;

namespace RonKms.PostQuantum.MLKem;

/// <summary>ML-KEM-512, ML-KEM-768 and ML-KEM-1024 by the platform: OpenSSL 3.5 and later, recent Windows.</summary>
/// <remarks>
/// Sizes and bytes as <see cref="ManagedMLKemAlgorithm"/>. The secrets of opened keys live in the platform's own memory, which is not
/// guarded. Constant time as far as the platform's implementation is. Source: FIPS 203.
/// </remarks>
public sealed class PlatformMLKemAlgorithm : KemAlgorithm
{
    private readonly MLKemParameters _parameters;
    private readonly System.Security.Cryptography.MLKemAlgorithm _platform;

    /// <summary>Creates the implementation of a parameter set.</summary>
    /// <param name="id"><see cref="KeyAlgorithm.MLKem512"/>, <see cref="KeyAlgorithm.MLKem768"/> or <see cref="KeyAlgorithm.MLKem1024"/>.</param>
    /// <exception cref="ArgumentException">The algorithm is not ML-KEM.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.AlgUnavailable"/>: the platform has no ML-KEM; see <see cref="IsSupported"/>.</exception>
    public PlatformMLKemAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        _parameters = MLKemParameters.Of(id);
        if (!IsSupported)
        {
            throw new KmsException(KmsError.AlgUnavailable, $"The platform has no {_parameters.Name}: use PostQuantumProvider.Auto or Managed.");
        }

        _platform = _parameters.K switch
        {
            2 => System.Security.Cryptography.MLKemAlgorithm.MLKem512,
            3 => System.Security.Cryptography.MLKemAlgorithm.MLKem768,
            4 => System.Security.Cryptography.MLKemAlgorithm.MLKem1024,
            _ => throw new ArgumentException($"{id} is not an ML-KEM algorithm.", nameof(id)),
        };
    }

    /// <summary>Whether the platform has ML-KEM.</summary>
    public static bool IsSupported => Platform.IsSupported;

    /// <inheritdoc/>
    public override string Provider => "platform";

    /// <inheritdoc/>
    public override int CiphertextSize => _parameters.CiphertextSize;

    /// <inheritdoc/>
    public override int SharedSecretSize => MLKemParameters.SymbolSize;

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) =>
        MLKemKeyFormats.ExportSubjectPublicKeyInfo(_parameters, publicKey);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) =>
        MLKemKeyFormats.ExportJwk(_parameters, publicKey);

    /// <inheritdoc/>
    /// <remarks>Takes the seed, alone or beside an expanded key that is the seed's.</remarks>
    /// <exception cref="KmsException"><see cref="KmsError.ImportRefused"/>: there is only an expanded key.</exception>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8) => MLKemKeyFormats.ImportPkcs8(_parameters, pkcs8);

    /// <summary>Makes the platform's object of a secret.</summary>
    /// <param name="secret">d ‖ z.</param>
    /// <returns>The object; the caller disposes it.</returns>
    internal Platform ImportSecret(ReadOnlySpan<byte> secret) => Platform.ImportPrivateSeed(_platform, secret);

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        using Platform key = ImportSecret(secret);
        key.ExportEncapsulationKey(publicKey);
        return true;
    }

    /// <inheritdoc/>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => MLKemKeyCheck.IsValidEncapsulationKey(_parameters, publicKey);

    /// <inheritdoc/>
    protected override DecapsulationKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        new PlatformMLKemDecapsulationKey(this, secret);

    /// <inheritdoc/>
    protected override bool TryEncapsulateCore(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        if (!IsValidPublicKeyCore(publicKey))
        {
            return false;
        }

        using Platform key = Platform.ImportEncapsulationKey(_platform, publicKey);
        key.Encapsulate(ciphertext, sharedSecret);
        return true;
    }
}

using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.PostQuantum.XWing;

/// <summary>X-Wing: X25519 and ML-KEM-768 as one key encapsulation mechanism, secure as long as either of them is.</summary>
/// <remarks>
/// Secret 32 bytes, a seed. Public key 1216 bytes, ek of ML-KEM-768 ‖ X25519; ciphertext 1120, that of ML-KEM-768 ‖ X25519; shared
/// secret 32. ML-KEM-768 is whichever implementation it is given; X25519 is that of the core, libsodium's. A public key whose ML-KEM half fails the
/// modulus check of FIPS 203 is refused; its X25519 half may be any 32 bytes, because the specification does not abort where the
/// Diffie-Hellman value is zero: ML-KEM then protects the secret alone. A ciphertext that encapsulation never makes opens to a secret
/// that nobody else can know. Constant time: as the two halves are, then SHA3-256 over fixed lengths. No allocation but for opening.
/// Source: draft-connolly-cfrg-xwing-kem-10; the same bytes as MLKEM768-X25519 of draft-irtf-cfrg-concrete-hybrid-kems.
/// </remarks>
public sealed class XWingAlgorithm : KemAlgorithm
{
    private static readonly X25519Algorithm s_x25519 = new();

    private readonly KemAlgorithm _mlkem;

    /// <summary>Creates the implementation.</summary>
    /// <param name="mlkem768">The implementation of ML-KEM-768 that it uses.</param>
    /// <exception cref="ArgumentException">That is another algorithm.</exception>
    public XWingAlgorithm(KemAlgorithm mlkem768)
        : base(KeyAlgorithm.XWing)
    {
        ArgumentNullException.ThrowIfNull(mlkem768);
        if (mlkem768.Id != KeyAlgorithm.MLKem768)
        {
            throw new ArgumentException($"X-Wing is made with {KeyAlgorithm.MLKem768}, not with {mlkem768.Id}.", nameof(mlkem768));
        }

        _mlkem = mlkem768;
    }

    /// <summary>What makes the ML-KEM half; the X25519 half is libsodium's.</summary>
    public override string Provider => _mlkem.Provider;

    /// <inheritdoc/>
    public override int CiphertextSize => XWingSizes.Ciphertext;

    /// <inheritdoc/>
    public override int SharedSecretSize => XWingSizes.SharedSecret;

    /// <inheritdoc/>
    public override ushort? HpkeKemId => 0x647A;

    /// <inheritdoc/>
    /// <remarks>The draft's section 5.8.1: id-XWing, 1.3.6.1.4.1.62253.25722.</remarks>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) => XWingKeyFormats.ExportSubjectPublicKeyInfo(publicKey);

    /// <inheritdoc/>
    /// <remarks>Not supported: no JSON Web Key is specified for X-Wing.</remarks>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) =>
        throw new NotSupportedException("No JSON Web Key is specified for X-Wing. Use the raw public key, or SubjectPublicKeyInfo.");

    /// <inheritdoc/>
    /// <remarks>The draft's section 5.8.2: the seed as it is, and no public key beside it.</remarks>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8) => XWingKeyFormats.ImportPkcs8(pkcs8);

    /// <summary>The X25519 half of an encapsulation, and the combination of both: the draft's EncapsulateDerand from where ML-KEM is done.</summary>
    /// <param name="publicKey">The public key.</param>
    /// <param name="ephemeral">ek_X, 32 fresh bytes; the caller wipes it.</param>
    /// <param name="mlkemSecret">ss_M; the caller wipes it.</param>
    /// <param name="ciphertext">The ciphertext: holds ct_M, receives ct_X.</param>
    /// <param name="sharedSecret">Receives the shared secret.</param>
    internal static void Complete(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> ephemeral, ReadOnlySpan<byte> mlkemSecret, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        ReadOnlySpan<byte> point = publicKey[XWingSizes.MLKemPublicKey..];
        Span<byte> ephemeralPoint = ciphertext[XWingSizes.MLKemCiphertext..];

        // Any 32 bytes are a scalar.
        _ = s_x25519.TryGetPublicKey(ephemeral, ephemeralPoint);
        XWingCombiner.Combine(mlkemSecret, ephemeral, point, ephemeralPoint, point, sharedSecret);
    }

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        Span<byte> expanded = stackalloc byte[ExpandedSeed.Size];
        try
        {
            ExpandedSeed seed = new(secret, expanded);
            return _mlkem.TryGetPublicKey(seed.MLKemSeed, publicKey[..XWingSizes.MLKemPublicKey])
                && s_x25519.TryGetPublicKey(seed.Scalar, publicKey[XWingSizes.MLKemPublicKey..]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(expanded);
        }
    }

    /// <inheritdoc/>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => _mlkem.IsValidPublicKey(publicKey[..XWingSizes.MLKemPublicKey]);

    /// <inheritdoc/>
    protected override DecapsulationKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        new XWingDecapsulationKey(this, _mlkem, secret, publicKey);

    /// <inheritdoc/>
    protected override bool TryEncapsulateCore(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        if (!IsValidPublicKeyCore(publicKey))
        {
            return false;
        }

        Span<byte> secrets = stackalloc byte[XWingSizes.SharedSecret + XWingSizes.X25519];
        Span<byte> mlkemSecret = secrets[..XWingSizes.SharedSecret];
        Span<byte> ephemeral = secrets[XWingSizes.SharedSecret..];
        try
        {
            Entropy.Fill(ephemeral);
            _mlkem.Encapsulate(publicKey[..XWingSizes.MLKemPublicKey], ciphertext[..XWingSizes.MLKemCiphertext], mlkemSecret);
            Complete(publicKey, ephemeral, mlkemSecret, ciphertext, sharedSecret);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secrets);
        }
    }
}

using System.Buffers;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.Keccak;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>ML-DSA signatures, pure and hedged, in managed code.</summary>
/// <remarks>
/// The secret is the seed ξ, 32 bytes. Public key and signature: ML-DSA-44 1312 and 2420 bytes, ML-DSA-65 1952 and 3309, ML-DSA-87
/// 2592 and 4627. A context has at most 255 bytes. An opened key holds what signing needs ready: 12, 24 and 24 KiB of guarded memory
/// and 16, 30 and 56 KiB of the managed heap. A public key that verifies again is kept ready, 20, 36 or 64 KiB of the managed heap each, at
/// most 32 of them. A malformed signature is refused: another length, a response out of its range, a hint
/// that is not in its one encoding. Constant-time over secrets: see <see cref="MLDsaInternal"/>. Source: FIPS 204.
/// </remarks>
public sealed class ManagedMLDsaAlgorithm : SignatureAlgorithm
{
    /// <summary>The size of a message representative μ in bytes.</summary>
    public const int MessageRepresentativeSize = HashSize;

    private readonly MLDsaParameters _parameters;
    private readonly PublicKeyCache<int> _publicKeys;

    /// <summary>Creates the implementation of a parameter set.</summary>
    /// <param name="id"><see cref="KeyAlgorithm.MLDsa44"/>, <see cref="KeyAlgorithm.MLDsa65"/> or <see cref="KeyAlgorithm.MLDsa87"/>.</param>
    public ManagedMLDsaAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        _parameters = MLDsaParameters.Of(id);
        _publicKeys = new PublicKeyCache<int>(VerificationKey.RoomOf(_parameters), (publicKey, room) =>
        {
            new VerificationKey(_parameters, room).Decode(publicKey);
            return true;
        });
    }

    /// <inheritdoc/>
    public override string Provider => "managed";

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

    /// <summary>Computes the message representative μ, for a signature made elsewhere or by <see cref="SignRepresentative"/>.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <param name="message">The message.</param>
    /// <param name="representative">Receives μ; exactly <see cref="MessageRepresentativeSize"/> bytes.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">A size is wrong, or an option is not this algorithm's.</exception>
    /// <remarks>FIPS 204, algorithm 7, step 6: its use is to hash a message where it is and to sign where the key is.</remarks>
    public void ComputeRepresentative(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, Span<byte> representative, SignOptions? options = null)
    {
        CheckOptions(options);
        CheckSize(publicKey.Length, Id.PublicKeySize, nameof(publicKey));
        CheckSize(representative.Length, MessageRepresentativeSize, nameof(representative));
        ComputeRepresentative(publicKey, FormattedMessage.Pure(message, ContextOf(options)), representative);
    }

    /// <summary>Signs a message representative μ; hedged. The signature is the one of its message.</summary>
    /// <param name="secret">The seed ξ, 32 bytes, which is expanded anew; it stays the caller's.</param>
    /// <param name="representative">μ, <see cref="MessageRepresentativeSize"/> bytes, with this key's public key in it.</param>
    /// <param name="destination">Receives the signature; at least <see cref="MaxSignatureSize"/> bytes.</param>
    /// <returns>How many bytes the signature has.</returns>
    /// <exception cref="ArgumentException">A size is wrong.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.Entropy"/>: the random number generator failed.</exception>
    public int SignRepresentative(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> representative, Span<byte> destination)
    {
        CheckSigning(secret, destination);
        CheckSize(representative.Length, MessageRepresentativeSize, nameof(representative));
        using MLDsaPrivateKey key = Expand(secret);
        return SignHedged(key, representative, destination);
    }

    /// <summary>Verifies a signature of a message representative μ. A malformed signature or public key is <see langword="false"/>.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <param name="representative">μ, <see cref="MessageRepresentativeSize"/> bytes; the caller vouches that it is of this public key.</param>
    /// <param name="signature">The signature.</param>
    /// <returns>Whether the signature is good.</returns>
    /// <exception cref="ArgumentException">The representative has another size.</exception>
    public bool VerifyRepresentative(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> representative, ReadOnlySpan<byte> signature)
    {
        CheckSize(representative.Length, MessageRepresentativeSize, nameof(representative));
        return publicKey.Length == Id.PublicKeySize
            && VerifyCore(publicKey, default, representative, signature);
    }

    /// <summary>Signs a digest: HashML-DSA, hedged. Not the signature that <c>Sign</c> makes of the digest or of the message.</summary>
    /// <param name="secret">The seed ξ, 32 bytes, which is expanded anew; it stays the caller's.</param>
    /// <param name="digest">The message's digest.</param>
    /// <param name="function">The function that made it.</param>
    /// <param name="destination">Receives the signature; at least <see cref="MaxSignatureSize"/> bytes.</param>
    /// <param name="options">The options.</param>
    /// <returns>How many bytes the signature has.</returns>
    /// <exception cref="ArgumentException">A size is wrong, or an option is not this algorithm's.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.Entropy"/>: the random number generator failed.</exception>
    /// <remarks>FIPS 204, algorithm 4.</remarks>
    public int SignPreHash(
        ReadOnlySpan<byte> secret, ReadOnlySpan<byte> digest, PreHashFunction function, Span<byte> destination, SignOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        CheckOptions(options);
        CheckSigning(secret, destination);
        function.Check(digest);
        using MLDsaPrivateKey key = Expand(secret);
        Span<byte> mu = stackalloc byte[HashSize];
        FormattedMessage.PreHash(digest, function, ContextOf(options)).HashTo(key.Tr, mu);
        return SignHedged(key, mu, destination);
    }

    /// <summary>Verifies a signature of a digest: HashML-DSA. A malformed signature or public key is <see langword="false"/>.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <param name="digest">The message's digest.</param>
    /// <param name="function">The function that made it.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="options">The options it was made with.</param>
    /// <returns>Whether the signature is good.</returns>
    /// <exception cref="ArgumentException">The digest has another size, or an option is not this algorithm's.</exception>
    /// <remarks>FIPS 204, algorithm 5.</remarks>
    public bool VerifyPreHash(
        ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> digest,
        PreHashFunction function,
        ReadOnlySpan<byte> signature,
        SignOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        CheckOptions(options);
        function.Check(digest);
        return publicKey.Length == Id.PublicKeySize
            && VerifyCore(publicKey, FormattedMessage.PreHash(digest, function, ContextOf(options)), representative: default, signature);
    }

    /// <summary>Signs a message representative with fresh randomness.</summary>
    /// <param name="key">The key.</param>
    /// <param name="mu">μ.</param>
    /// <param name="destination">Receives the signature.</param>
    /// <returns>How many bytes it has.</returns>
    internal static int SignHedged(MLDsaPrivateKey key, ReadOnlySpan<byte> mu, Span<byte> destination)
    {
        int size = key.Parameters.SignatureSize;
        Span<byte> rnd = stackalloc byte[SeedSize];
        try
        {
            Entropy.Fill(rnd);
            MLDsaInternal.Sign(key, mu, rnd, destination[..size]);
            return size;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(rnd);
        }
    }

    /// <summary>The context that options hold.</summary>
    /// <param name="options">The options.</param>
    /// <returns>The context, or nothing.</returns>
    internal static ReadOnlySpan<byte> ContextOf(SignOptions? options) => options is null ? default : options.Context.Span;

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        MLDsaPrivateKey key = ScratchKeys.Rent(_parameters);
        try
        {
            MLDsaInternal.KeyGen(secret, key, publicKey);
            return true;
        }
        finally
        {
            ScratchKeys.Return(key);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Every sequence of bytes of the right length encodes a public key.</remarks>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => true;

    /// <inheritdoc/>
    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        new MLDsaSigningKey(this, _parameters, secret, publicKey);

    /// <inheritdoc/>
    protected override bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options) =>
        VerifyCore(publicKey, FormattedMessage.Pure(message, ContextOf(options)), representative: default, signature);

    private static void ComputeRepresentative(ReadOnlySpan<byte> publicKey, FormattedMessage message, Span<byte> mu)
    {
        // FIPS 204, algorithm 8, steps 6 and 7.
        Span<byte> tr = stackalloc byte[HashSize];
        Shake.Hash256(publicKey, tr);
        message.HashTo(tr, mu);
    }

    private static void CheckSize(int size, int expected, string name)
    {
        if (size != expected)
        {
            throw new ArgumentException($"It has {size} bytes instead of {expected}.", name);
        }
    }

    // Of a message, or of a representative that is given.
    private bool VerifyCore(
        ReadOnlySpan<byte> publicKey, FormattedMessage message, ReadOnlySpan<byte> representative, ReadOnlySpan<byte> signature)
    {
        Span<int> kept = _publicKeys.Find(publicKey);
        int[] rented = kept.IsEmpty ? ArrayPool<int>.Shared.Rent(VerificationKey.RoomOf(_parameters)) : [];
        try
        {
            VerificationKey key = new(_parameters, kept.IsEmpty ? rented : kept);
            if (kept.IsEmpty)
            {
                key.Decode(publicKey);
            }

            Span<byte> mu = stackalloc byte[HashSize];
            if (representative.IsEmpty)
            {
                message.HashTo(key.Tr, mu);
            }
            else
            {
                representative.CopyTo(mu);
            }

            return MLDsaInternal.Verify(key, mu, signature);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    private void CheckSigning(ReadOnlySpan<byte> secret, Span<byte> destination)
    {
        CheckSize(secret.Length, Id.SecretSize, nameof(secret));
        if (destination.Length < MaxSignatureSize)
        {
            throw new ArgumentException($"A signature of {Id} takes {MaxSignatureSize} bytes.", nameof(destination));
        }
    }

    private MLDsaPrivateKey Expand(ReadOnlySpan<byte> secret)
    {
        MLDsaPrivateKey key = new(_parameters);
        try
        {
            Span<byte> publicKey = stackalloc byte[Id.PublicKeySize];
            MLDsaInternal.KeyGen(secret, key, publicKey);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}

using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>SLH-DSA signatures, pure and hedged, in managed code.</summary>
/// <remarks>
/// Secret 4n bytes, SK.seed ‖ SK.prf ‖ PK.seed ‖ PK.root; public key 2n; n is 16, 24 or 32. Signatures, in the order of n, of the small
/// sets ("s") 7,856, 16,224 and 29,792 bytes, of the fast ones ("f") 17,088, 35,664 and 49,856. A context of at most 255 bytes. A message
/// is hashed in place and never copied; no call allocates, but for signing with more than one thread. docs/performance.md says how long
/// signing takes: with a fast set some milliseconds, with a small one twenty times as long. Constant time: secrets go into hashes and
/// nowhere else. Source: FIPS 205.
/// </remarks>
public sealed class ManagedSlhDsaAlgorithm : SignatureAlgorithm
{
    private readonly SlhDsaScheme _scheme;

    /// <summary>Creates the implementation of a parameter set.</summary>
    /// <param name="id">One of the twelve algorithms of SLH-DSA.</param>
    /// <exception cref="ArgumentException">The algorithm is another one.</exception>
    public ManagedSlhDsaAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        _scheme = SlhDsaScheme.For(SlhDsaParameters.Of(id));
    }

    /// <summary>How many threads of the pool a signature may take, 1 (the default) or more. With more than one, signing allocates.</summary>
    /// <remarks>The signature is the same. To be chosen for a keystore: <c>options.Algorithms = options.Algorithms.With(new ManagedSlhDsaAlgorithm(id) { SigningThreads = 4 })</c>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public int SigningThreads
    {
        get => _scheme.Threads;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _scheme.Threads = value;
        }
    }

    /// <inheritdoc/>
    public override string Provider => "managed";

    /// <inheritdoc/>
    public override int MaxSignatureSize => _scheme.Parameters.SignatureSize;

    /// <inheritdoc/>
    public override bool HasContext => true;

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) =>
        Rfc9909.ExportSubjectPublicKeyInfo(_scheme.Parameters, publicKey);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) =>
        Rfc9909.ExportJwk(_scheme.Parameters, publicKey);

    /// <inheritdoc/>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8) => Rfc9909.ImportPkcs8(this, _scheme.Parameters, pkcs8);

    /// <summary>Signs a digest: HashSLH-DSA, hedged. Not the signature that <c>Sign</c> makes of the digest or of the message.</summary>
    /// <param name="secret">The secret, 4n bytes, whose root is taken as it is; it stays the caller's.</param>
    /// <param name="digest">The message's digest.</param>
    /// <param name="function">The function that made it.</param>
    /// <param name="destination">Receives the signature; at least <see cref="MaxSignatureSize"/> bytes. Must not overlap the digest or the secret.</param>
    /// <param name="options">The options.</param>
    /// <returns>How many bytes the signature has.</returns>
    /// <exception cref="ArgumentException">A size is wrong, the destination overlaps what is read, or an option is not this algorithm's.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.Entropy"/>: the random number generator failed.</exception>
    /// <remarks>FIPS 205, algorithm 23.</remarks>
    public int SignPreHash(
        ReadOnlySpan<byte> secret, ReadOnlySpan<byte> digest, PreHashFunction function, Span<byte> destination, SignOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        CheckOptions(options);
        function.Check(digest);
        if (secret.Length != Id.SecretSize)
        {
            throw new ArgumentException($"A secret of {Id} has {Id.SecretSize} bytes.", nameof(secret));
        }

        if (destination.Length < MaxSignatureSize)
        {
            throw new ArgumentException($"A signature of {Id} takes {MaxSignatureSize} bytes.", nameof(destination));
        }

        // Both are read again after the first write.
        if (destination.Overlaps(digest) || destination.Overlaps(secret))
        {
            throw new ArgumentException("The destination overlaps the digest or the secret.", nameof(destination));
        }

        Span<byte> addrnd = stackalloc byte[SlhDsaParameters.MaxN];
        addrnd = addrnd[.._scheme.Parameters.N];
        try
        {
            Entropy.Fill(addrnd);
            _scheme.SignPreHashed(digest, function, ContextOf(options), secret, addrnd, destination[..MaxSignatureSize]);
            return MaxSignatureSize;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(addrnd);
        }
    }

    /// <summary>Verifies a signature of a digest: HashSLH-DSA. A malformed signature or public key is <see langword="false"/>.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <param name="digest">The message's digest.</param>
    /// <param name="function">The function that made it.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="options">The options it was made with.</param>
    /// <returns>Whether the signature is good.</returns>
    /// <exception cref="ArgumentException">The digest has another size, or an option is not this algorithm's.</exception>
    /// <remarks>FIPS 205, algorithm 25.</remarks>
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
        return _scheme.VerifyPreHashed(digest, function, ContextOf(options), signature, publicKey);
    }

    /// <summary>The context that options hold.</summary>
    /// <param name="options">The options.</param>
    /// <returns>The context, or nothing.</returns>
    internal static ReadOnlySpan<byte> ContextOf(SignOptions? options) => options is null ? default : options.Context.Span;

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        // Algorithm 21, slh_keygen.
        Entropy.Fill(secret[..(3 * _scheme.Parameters.N)]);
        _scheme.KeyGen(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    /// <remarks>Computes the root again, which takes as long as generating a key, and compares it with the copy in the secret.</remarks>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        int n = _scheme.Parameters.N;
        secret[(2 * n)..].CopyTo(publicKey);
        Span<byte> root = stackalloc byte[SlhDsaParameters.MaxN];
        root = root[..n];
        _scheme.ComputeRoot(secret[..n], publicKey[..n], root);
        return root.SequenceEqual(publicKey[n..]);
    }

    /// <inheritdoc/>
    /// <remarks>Compares with the copy in the secret, which was computed again when the key was generated or imported.</remarks>
    protected override bool IsPublicKeyOfCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        secret[(2 * _scheme.Parameters.N)..].SequenceEqual(publicKey);

    /// <inheritdoc/>
    /// <remarks>Every string of the right length can be a public key.</remarks>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => true;

    /// <inheritdoc/>
    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey)
    {
        // PK.root is hashed into every signature: under a wrong one nothing is given away, but nothing verifies either.
        return IsPublicKeyOfCore(secret, publicKey)
            ? new SlhDsaSigningKey(this, _scheme, secret)
            : throw new ArgumentException("The public key is not this secret's.", nameof(publicKey));
    }

    /// <inheritdoc/>
    protected override bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options) =>
        _scheme.Verify(message, ContextOf(options), signature, publicKey);
}

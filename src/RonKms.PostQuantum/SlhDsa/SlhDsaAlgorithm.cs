using RonKms.Algorithms;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>SLH-DSA signatures, pure and hedged, in managed code.</summary>
/// <remarks>
/// Secret 4n bytes, SK.seed ‖ SK.prf ‖ PK.seed ‖ PK.root; public key 2n; n is 16, 24 or 32. Signatures, in the order of n, of the small
/// sets ("s") 7,856, 16,224 and 29,792 bytes, of the fast ones ("f") 17,088, 35,664 and 49,856. A context of at most 255 bytes. A message
/// is hashed in place and never copied; no call allocates. Constant time: secrets go into hashes and nowhere else. Source: FIPS 205.
/// </remarks>
public sealed class SlhDsaAlgorithm : SignatureAlgorithm
{
    private readonly SlhDsaScheme _scheme;

    /// <summary>Creates the implementation of a parameter set.</summary>
    /// <param name="id">One of the twelve algorithms of SLH-DSA.</param>
    /// <exception cref="ArgumentException">The algorithm is another one.</exception>
    public SlhDsaAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        _scheme = SlhDsaScheme.For(
            SlhDsaParameters.Find(id) ?? throw new ArgumentException($"{id} is not a parameter set of SLH-DSA.", nameof(id)));
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
        _scheme.Verify(message, options is null ? default : options.Context.Span, signature, publicKey);
}

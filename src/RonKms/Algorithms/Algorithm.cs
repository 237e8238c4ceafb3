namespace RonKms.Algorithms;

/// <summary>What every algorithm implementation offers: making secrets, checking them, and its public keys' standard forms.</summary>
/// <remarks>Holds no secret; thread-safe. The derived families are open to other packages; a leaf holds only its native or platform calls.</remarks>
public abstract class Algorithm
{
    private protected Algorithm(KeyAlgorithm id)
    {
        ArgumentNullException.ThrowIfNull(id);
        Id = id;
    }

    /// <summary>The algorithm this is an implementation of.</summary>
    public KeyAlgorithm Id { get; }

    /// <summary>What makes the results, for logs and <c>KeyInfo</c>: "libsodium", "platform", "managed".</summary>
    public abstract string Provider { get; }

    /// <summary>The most bytes that a secret can take.</summary>
    public virtual int MaxSecretSize => Id.SecretSize;

    /// <summary>Makes a new secret.</summary>
    /// <returns>The secret, in the form that docs/formats/ronk-v1.md, section 5 gives; the caller owns and disposes it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.Entropy"/>: the random number generator failed.</exception>
    public SecretBytes GenerateSecret()
    {
        using SecretBytes room = SecretBytes.Allocate(MaxSecretSize);
        int written = GenerateSecretCore(room.Reveal());
        return SecretBytes.CopyOf(room.Reveal()[..written]);
    }

    /// <summary>Checks a secret and computes its public key.</summary>
    /// <param name="secret">The secret to check.</param>
    /// <param name="publicKey">Receives the raw public key; exactly <see cref="KeyAlgorithm.PublicKeySize"/> bytes.</param>
    /// <returns>Whether the secret is well-formed; otherwise <paramref name="publicKey"/> is zeroed.</returns>
    public bool TryGetPublicKey(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        if (publicKey.Length != Id.PublicKeySize)
        {
            throw new ArgumentException($"A public key of {Id} has {Id.PublicKeySize} bytes.", nameof(publicKey));
        }

        if (HasSecretSize(secret) && TryGetPublicKeyCore(secret, publicKey))
        {
            return true;
        }

        publicKey.Clear();
        return false;
    }

    /// <summary>Whether a public key is a secret's: asked each time a key is opened, before its secret is first used.</summary>
    /// <param name="secret">A secret that <see cref="TryGetPublicKey"/> took when it was generated or imported.</param>
    /// <param name="publicKey">The raw public key.</param>
    /// <returns>Whether they belong together.</returns>
    public bool IsPublicKeyOf(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        publicKey.Length == Id.PublicKeySize && HasSecretSize(secret) && IsPublicKeyOfCore(secret, publicKey);

    /// <summary>Whether bytes are a public key of this algorithm, by length and by what the algorithm's standard asks.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <returns><see langword="true"/> where the key can be used.</returns>
    public bool IsValidPublicKey(ReadOnlySpan<byte> publicKey) =>
        publicKey.Length == Id.PublicKeySize && IsValidPublicKeyCore(publicKey);

    /// <summary>Encodes a public key as SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7), DER.</summary>
    /// <param name="publicKey">The raw public key, already checked.</param>
    /// <returns>The encoding.</returns>
    public virtual byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) =>
        throw new NotSupportedException($"{Id} has no public key.");

    /// <summary>The members of a public key's JSON Web Key (RFC 7517), in the order they are written.</summary>
    /// <param name="publicKey">The raw public key, already checked.</param>
    /// <returns>Names and values; the values are base64url or registered names.</returns>
    public virtual IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) =>
        throw new NotSupportedException($"{Id} has no public key.");

    /// <summary>Reads the secret out of a PKCS#8 PrivateKeyInfo (RFC 5958).</summary>
    /// <param name="pkcs8">The DER encoding, unencrypted.</param>
    /// <returns>The secret in the form of docs/formats/ronk-v1.md, section 5, or <see langword="null"/> where the encoding is malformed,
    /// inconsistent or of another algorithm. The caller owns and disposes it.</returns>
    public virtual SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8) => null;

    /// <summary>Fills a new secret. <paramref name="secret"/> has <see cref="MaxSecretSize"/> bytes of guarded memory.</summary>
    /// <param name="secret">Receives the secret.</param>
    /// <returns>How many bytes it has.</returns>
    protected abstract int GenerateSecretCore(Span<byte> secret);

    /// <summary>Checks a secret of the right length and computes its public key.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="publicKey">Receives the public key, of the exact size.</param>
    /// <returns>Whether the secret is well-formed.</returns>
    protected abstract bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey);

    /// <summary>Compares a public key with that of a secret, both of the right length. The base computes it again.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="publicKey">The raw public key.</param>
    /// <returns>Whether they belong together.</returns>
    protected virtual bool IsPublicKeyOfCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey)
    {
        Span<byte> computed = stackalloc byte[publicKey.Length];
        return TryGetPublicKeyCore(secret, computed) && computed.SequenceEqual(publicKey);
    }

    /// <summary>Checks a public key of the right length.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <returns>Whether it can be used.</returns>
    protected abstract bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey);

    private bool HasSecretSize(ReadOnlySpan<byte> secret) => Id.SecretSize != 0 ? secret.Length == Id.SecretSize : secret.Length <= MaxSecretSize;
}

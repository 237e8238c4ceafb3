namespace RonKms.Algorithms;

/// <summary>A signature algorithm. Checks arguments here; the leaves do the work.</summary>
public abstract class SignatureAlgorithm : Algorithm
{
    private const int MaxContextSize = 255;

    /// <summary>Creates the implementation of an algorithm whose keys sign.</summary>
    /// <param name="id">The algorithm.</param>
    protected SignatureAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        if (id.Use != KeyUse.Sign)
        {
            throw new ArgumentException($"{id} is not a signature algorithm.", nameof(id));
        }
    }

    /// <summary>The most bytes that a signature can take, under any options.</summary>
    public abstract int MaxSignatureSize { get; }

    /// <summary>Whether <see cref="SignOptions.Context"/> may be set.</summary>
    public virtual bool HasContext => false;

    /// <summary>Whether <see cref="SignOptions.HybridPolicy"/> may be set.</summary>
    public virtual bool HasHybridPolicy => false;

    /// <summary>Makes a secret ready for signing.</summary>
    /// <param name="secret">A secret of this algorithm, already checked; it is copied.</param>
    /// <param name="publicKey">Its public key, already compared with the secret.</param>
    /// <returns>The opened key; the caller owns and disposes it.</returns>
    public SigningKey Open(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) => OpenCore(secret, publicKey);

    /// <summary>Verifies a signature. A malformed signature or public key is <see langword="false"/>, not an exception.</summary>
    /// <param name="publicKey">The raw public key.</param>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="options">The options it was made with.</param>
    /// <returns>Whether the signature is good.</returns>
    /// <exception cref="ArgumentException">An option that this algorithm does not have.</exception>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options = null)
    {
        CheckOptions(options);
        return publicKey.Length == Id.PublicKeySize
            && signature.Length <= MaxSignatureSize
            && VerifyCore(publicKey, message, signature, options);
    }

    /// <summary>The most bytes that a signature can take, under the options given.</summary>
    /// <param name="options">The options.</param>
    /// <returns>A size in bytes, at most <see cref="MaxSignatureSize"/>.</returns>
    public virtual int GetSignatureSize(SignOptions? options) => MaxSignatureSize;

    /// <summary>Refuses options that this algorithm does not have.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">An option that this algorithm does not have.</exception>
    public void CheckOptions(SignOptions? options)
    {
        if (options is null)
        {
            return;
        }

        if (!options.Context.IsEmpty && !HasContext)
        {
            throw new ArgumentException($"{Id} signatures have no context.", nameof(options));
        }

        if (options.Context.Length > MaxContextSize)
        {
            throw new ArgumentException($"A context has at most {MaxContextSize} bytes.", nameof(options));
        }

        if (options.HybridPolicy != HybridPolicy.Both && !(HasHybridPolicy && Enum.IsDefined(options.HybridPolicy)))
        {
            throw new ArgumentException($"{Id} signatures have no hybrid policy {options.HybridPolicy}.", nameof(options));
        }

        CheckEncodingOptions(options);
    }

    /// <summary>Refuses what a signature must not be asked for with: an option, a buffer that is too small, one that the message lies in.</summary>
    /// <param name="message">The message.</param>
    /// <param name="destination">What is to receive the signature.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">One of these.</exception>
    internal void CheckSigning(ReadOnlySpan<byte> message, ReadOnlySpan<byte> destination, SignOptions? options)
    {
        CheckOptions(options);
        int size = GetSignatureSize(options);
        if (destination.Length < size)
        {
            throw new ArgumentException($"A signature of {Id} takes up to {size} bytes.", nameof(destination));
        }

        // Algorithms read a message more than once: what they write must not change it in between.
        if (destination.Overlaps(message))
        {
            throw new ArgumentException("The destination overlaps the message.", nameof(destination));
        }
    }

    /// <summary>Refuses an encoding or padding that this algorithm does not have; the base refuses all but the defaults.</summary>
    /// <param name="options">The options.</param>
    protected virtual void CheckEncodingOptions(SignOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.EcdsaEncoding != EcdsaEncoding.Fixed)
        {
            throw new ArgumentException($"{Id} signatures have no ECDSA encoding to choose.", nameof(options));
        }

        if (options.RsaPadding != RsaPadding.Pss)
        {
            throw new ArgumentException($"{Id} signatures have no RSA padding to choose.", nameof(options));
        }
    }

    /// <summary>Makes a secret ready for signing.</summary>
    /// <param name="secret">The secret; copy what is kept.</param>
    /// <param name="publicKey">The public key.</param>
    /// <returns>The opened key.</returns>
    protected abstract SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey);

    /// <summary>Verifies a signature under options already checked.</summary>
    /// <param name="publicKey">The raw public key, of the exact size.</param>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">The signature, at most <see cref="MaxSignatureSize"/> bytes.</param>
    /// <param name="options">The options.</param>
    /// <returns>Whether the signature is good.</returns>
    protected abstract bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options);
}

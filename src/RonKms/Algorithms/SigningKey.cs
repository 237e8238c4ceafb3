namespace RonKms.Algorithms;

/// <summary>An opened signing key. Thread-safe.</summary>
public abstract class SigningKey : OpenedKey
{
    /// <summary>Creates an opened key of an algorithm.</summary>
    /// <param name="algorithm">Its algorithm.</param>
    protected SigningKey(SignatureAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        Algorithm = algorithm;
    }

    /// <summary>The key's algorithm.</summary>
    public SignatureAlgorithm Algorithm { get; }

    /// <summary>Signs a message.</summary>
    /// <param name="message">The message. No other thread may change it during the call: see <see cref="ISigner"/>.</param>
    /// <param name="destination">Receives the signature; at least <see cref="SignatureAlgorithm.GetSignatureSize"/> bytes. Must not overlap the
    /// message.</param>
    /// <param name="options">What the signature may vary in.</param>
    /// <returns>How many bytes the signature has.</returns>
    /// <exception cref="ArgumentException">The destination is too small or overlaps the message, or an option is not this algorithm's.</exception>
    /// <exception cref="ObjectDisposedException">The key is wiped.</exception>
    public int Sign(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options = null)
    {
        Algorithm.CheckSigning(message, destination, options);
        Enter();
        try
        {
            return SignEntered(message, destination, options);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Signs for a caller that has entered the key and checked the arguments: one that is given up meanwhile still signs to the end.</summary>
    internal int SignEntered(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options) => SignCore(message, destination, options);

    /// <summary>Signs a message under options already checked.</summary>
    /// <param name="message">The message.</param>
    /// <param name="destination">Receives the signature; large enough, and apart from the message.</param>
    /// <param name="options">The options.</param>
    /// <returns>How many bytes were written.</returns>
    protected abstract int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options);
}

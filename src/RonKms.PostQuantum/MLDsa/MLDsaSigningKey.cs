using RonKms.Algorithms;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>An opened ML-DSA key, expanded: see <see cref="MLDsaPrivateKey"/> for the memory it takes.</summary>
internal sealed class MLDsaSigningKey : SigningKey
{
    private readonly MLDsaPrivateKey _key;

    internal MLDsaSigningKey(ManagedMLDsaAlgorithm algorithm, MLDsaParameters parameters, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey)
        : base(algorithm)
    {
        _key = new MLDsaPrivateKey(parameters);

        try
        {
            // The public key goes into every signature by its hash: the one that this seed has, never the one that was handed in.
            Span<byte> computed = stackalloc byte[parameters.PublicKeySize];
            MLDsaInternal.KeyGen(seed, _key, computed);
            if (!computed.SequenceEqual(publicKey))
            {
                throw new ArgumentException("The public key is not this secret's.", nameof(publicKey));
            }
        }
        catch
        {
            _key.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
    {
        Span<byte> mu = stackalloc byte[HashSize];
        FormattedMessage.Pure(message, ManagedMLDsaAlgorithm.ContextOf(options)).HashTo(_key.Tr, mu);
        return ManagedMLDsaAlgorithm.SignHedged(_key, mu, destination);
    }

    /// <inheritdoc/>
    protected override void Wipe() => _key.Dispose();
}

using RonKms.Algorithms;

namespace RonKms.PostQuantum.Hybrids;

/// <summary>An opened hybrid key: an opened key of either half.</summary>
internal sealed class HybridSigningKey : SigningKey
{
    private readonly HybridSignatureAlgorithm _algorithm;
    private readonly SigningKey _ed25519;
    private readonly SigningKey _mldsa65;

    internal HybridSigningKey(HybridSignatureAlgorithm algorithm, SigningKey ed25519, SigningKey mldsa65)
        : base(algorithm)
    {
        _algorithm = algorithm;
        _ed25519 = ed25519;
        _mldsa65 = mldsa65;
    }

    /// <inheritdoc/>
    protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
    {
        int size = _algorithm.MaxSignatureSize;
        _algorithm.Sign(_ed25519, _mldsa65, message, destination[..size], options);
        return size;
    }

    /// <inheritdoc/>
    protected override void Wipe()
    {
        _ed25519.Dispose();
        _mldsa65.Dispose();
    }
}

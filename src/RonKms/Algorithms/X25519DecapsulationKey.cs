namespace RonKms.Algorithms;

/// <summary>An opened X25519 key: the scalar in guarded memory, and the public key, which the shared secret covers.</summary>
internal sealed class X25519DecapsulationKey : DecapsulationKey
{
    private readonly SecretBytes _scalar;
    private readonly byte[] _publicKey;

    internal X25519DecapsulationKey(X25519Algorithm algorithm, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> publicKey)
        : base(algorithm)
    {
        _scalar = SecretBytes.CopyOf(scalar);
        _publicKey = publicKey.ToArray();
    }

    /// <inheritdoc/>
    protected override bool TryDecapsulateCore(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret) =>
        DhKem.TryDecapsulate(_scalar.Reveal(), _publicKey, ciphertext, sharedSecret);

    /// <inheritdoc/>
    protected override void Wipe() => _scalar.Dispose();
}

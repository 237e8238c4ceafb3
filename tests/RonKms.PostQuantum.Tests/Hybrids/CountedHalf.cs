using RonKms.Algorithms;

namespace RonKms.PostQuantum.Tests.Hybrids;

/// <summary>A half of a hybrid that counts how often it verifies, and how often an opened key of it is wiped; whose signing or opening may fail.</summary>
internal sealed class CountedHalf(SignatureAlgorithm inner) : SignatureAlgorithm(inner.Id)
{
    private readonly SignatureAlgorithm _inner = inner;

    public override string Provider => _inner.Provider;

    public override int MaxSignatureSize => _inner.MaxSignatureSize;

    public override bool HasContext => _inner.HasContext;

    internal int Verified { get; private set; }

    internal int Wiped { get; private set; }

    internal bool Fails { get; init; }

    internal bool CannotOpen { get; init; }

    protected override int GenerateSecretCore(Span<byte> secret)
    {
        using SecretBytes made = _inner.GenerateSecret();
        made.Reveal().CopyTo(secret);
        return made.Length;
    }

    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => _inner.TryGetPublicKey(secret, publicKey);

    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => _inner.IsValidPublicKey(publicKey);

    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        CannotOpen ? throw new InsufficientMemoryException("there is none")
        : Fails ? new FailingKey(this) : _inner.Open(secret, publicKey);

    protected override bool VerifyCore(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options)
    {
        Verified++;
        return _inner.Verify(publicKey, message, signature, options);
    }

    private sealed class FailingKey(CountedHalf algorithm) : SigningKey(algorithm)
    {
        protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options) =>
            throw new KmsException(KmsError.Entropy, "there is none");

        protected override void Wipe() => algorithm.Wiped++;
    }
}

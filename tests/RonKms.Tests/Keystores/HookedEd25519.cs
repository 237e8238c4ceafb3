using RonKms.Algorithms;

namespace RonKms.Tests.Keystores;

/// <summary>Ed25519, which does what a test tells it to once an opened key is about to sign.</summary>
internal sealed class HookedEd25519 : SignatureAlgorithm
{
    private readonly SignatureAlgorithm _inner = (SignatureAlgorithm)AlgorithmCatalog.Classical.Find(KeyAlgorithm.Ed25519);
    private int _checks;

    public HookedEd25519()
        : base(KeyAlgorithm.Ed25519)
    {
    }

    /// <summary>Done once: when options are checked for the second time, which an opened key does, or else while it signs.</summary>
    public Action? OnSigning { get; set; }

    /// <summary>Done while a secret or a public key is checked.</summary>
    public Action? OnCheck { get; set; }

    public override string Provider => "hooked";

    public override int MaxSignatureSize => _inner.MaxSignatureSize;

    protected override void CheckEncodingOptions(SignOptions options)
    {
        base.CheckEncodingOptions(options);
        if (Interlocked.Increment(ref _checks) == 2)
        {
            Fire();
        }
    }

    protected override int GenerateSecretCore(Span<byte> secret)
    {
        using SecretBytes generated = _inner.GenerateSecret();
        generated.Reveal().CopyTo(secret);
        return generated.Length;
    }

    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        bool isGood = _inner.TryGetPublicKey(secret, publicKey);
        OnCheck?.Invoke();
        return isGood;
    }

    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey)
    {
        bool isGood = _inner.IsValidPublicKey(publicKey);
        OnCheck?.Invoke();
        return isGood;
    }

    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) => new Key(this, _inner.Open(secret, publicKey));

    protected override bool VerifyCore(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options) =>
        _inner.Verify(publicKey, message, signature, options);

    private void Fire()
    {
        Action? hook = OnSigning;
        OnSigning = null;
        hook?.Invoke();
    }

    private sealed class Key(HookedEd25519 algorithm, SigningKey inner) : SigningKey(algorithm)
    {
        protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
        {
            algorithm.Fire();
            return inner.Sign(message, destination, options);
        }

        protected override void Wipe() => inner.Dispose();
    }
}

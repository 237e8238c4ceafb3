using RonKms.Algorithms;
using RonKms.Schedules.Engine;

namespace RonKms.Schedules.Scenarios;

/// <summary>Ed25519 whose opened keys tell when they are used after they were wiped, wiped twice, or wiped while they are used.</summary>
internal sealed class WatchedEd25519 : SignatureAlgorithm
{
    private readonly SignatureAlgorithm _inner = (SignatureAlgorithm)AlgorithmCatalog.Classical.Find(KeyAlgorithm.Ed25519);
    private readonly List<Key> _opened = [];

    internal WatchedEd25519()
        : base(KeyAlgorithm.Ed25519)
    {
    }

    public override string Provider => "watched";

    public override int MaxSignatureSize => _inner.MaxSignatureSize;

    /// <summary>How many opened keys are not wiped.</summary>
    internal int Held => _opened.Count(key => !key.IsWiped);

    protected override int GenerateSecretCore(Span<byte> secret)
    {
        using SecretBytes generated = _inner.GenerateSecret();
        generated.Reveal().CopyTo(secret);
        return generated.Length;
    }

    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => _inner.TryGetPublicKey(secret, publicKey);

    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => _inner.IsValidPublicKey(publicKey);

    protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey)
    {
        Key key = new(this, _inner.Open(secret, publicKey));
        _opened.Add(key);
        return key;
    }

    protected override bool VerifyCore(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options) =>
        _inner.Verify(publicKey, message, signature, options);

    private sealed class Key(WatchedEd25519 algorithm, SigningKey inner) : SigningKey(algorithm)
    {
        private int _users;

        internal bool IsWiped { get; private set; }

        protected override int SignCore(ReadOnlySpan<byte> message, Span<byte> destination, SignOptions? options)
        {
            Assert.False(IsWiped, "It signs with a key that is wiped.");
            _users++;
            Controlled.Step("signing");
            Assert.False(IsWiped, "A key was wiped while it signed.");
            _users--;
            return inner.Sign(message, destination, options);
        }

        protected override void Wipe()
        {
            Assert.False(IsWiped, "A key is wiped twice.");
            Assert.Equal(0, _users);
            IsWiped = true;
            inner.Dispose();
        }
    }
}

using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Sealing;

namespace RonKms.Tests.Algorithms;

/// <summary>What the backend without a device says of keys in one.</summary>
public sealed class SoftwareBackendTests : IDisposable
{
    private readonly SoftwareBackend _backend = new(AlgorithmCatalog.Classical);

    public void Dispose() => _backend.Dispose();

    [Fact]
    public void It_has_the_algorithms_of_its_catalog()
    {
        Assert.True(_backend.Supports(KeyAlgorithm.Ed25519));
        Assert.False(_backend.Supports(KeyAlgorithm.MLDsa65));
    }

    [Fact]
    public void Key_of_a_device_is_neither_used_nor_erased_nor_attested_here()
    {
        KeyId id = KeyId.Parse("acme/p/ed25519/00000000-0000-4000-8000-000000000000#v1");
        Assert.Equal(KmsError.AlgUnavailable, Assert.Throws<KmsException>(() => _backend.Open(new RecordBody(id, RecordKind.Handle, "h"u8), new byte[32])).Error);
        Assert.Equal(KmsError.AlgUnavailable, Assert.Throws<KmsException>(() => _backend.EraseKey(new RecordBody(id, RecordKind.Handle, "h"u8))).Error);
        Assert.Equal(KmsError.AlgUnavailable, Assert.Throws<KmsException>(() => _backend.Attest(new RecordBody(id, RecordKind.Handle, "h"u8), new byte[32])).Error);

        // A secret in a record goes with the record: nothing else is left of it.
        _backend.EraseKey(new RecordBody(id, RecordKind.Secret, new byte[32]));
        Assert.True(_backend.TryEraseLostKey(KeyAlgorithm.Ed25519, new byte[32]));
    }

    [Fact]
    public void A_secret_whose_public_key_cannot_be_computed_makes_no_key()
    {
        FailingSignatures failing = new();
        using SoftwareBackend backend = new(AlgorithmCatalog.Classical.With(failing));

        Assert.Same(failing.Failure, Assert.Throws<KmsException>(() => backend.Generate(KeyAlgorithm.Ed25519)));
        Assert.Same(failing.Failure, Assert.Throws<KmsException>(() => backend.Import(KeyAlgorithm.Ed25519, new byte[32])));

        // One of the wrong size is refused before it is looked at.
        Assert.Null(backend.Import(KeyAlgorithm.Ed25519, new byte[33]));
        Assert.Null(backend.Import(KeyAlgorithm.Ed25519, []));
    }

    private sealed class FailingSignatures() : SignatureAlgorithm(KeyAlgorithm.Ed25519)
    {
        public KmsException Failure { get; } = new(KmsError.Entropy, "no random numbers");

        public override string Provider => "failing";

        public override int MaxSignatureSize => 64;

        protected override int GenerateSecretCore(Span<byte> secret) => secret.Length;

        protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) => throw Failure;

        protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => true;

        protected override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) => throw Failure;

        protected override bool VerifyCore(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options) => false;
    }
}

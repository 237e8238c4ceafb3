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
}

using RonKms;
using RonKms.Algorithms;
using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Testing;
using RonKms.Testing.Algorithms;
using RonKms.Testing.Keystores;

namespace StoreTests;

public sealed class OwnStoreTests : SealedStoreContract
{
    protected override ISealedStore MakeEmpty() => new OwnStore(new MemoryStore());
}

/// <summary>Must fail: eng/consumer.sh runs it apart from the others.</summary>
public sealed class CarelessStoreTests : SealedStoreContract
{
    protected override ISealedStore MakeEmpty() => new CarelessStore(new MemoryStore());
}

public sealed class OwnAnchorTests : RollbackAnchorContract
{
    private readonly OwnAnchor _anchor = new();

    protected override IRollbackAnchor Open() => _anchor;
}

public sealed class OwnP256Tests() : SignatureAlgorithmContract(KeyAlgorithm.P256, AlgorithmCatalog.Classical.With(new OwnP256()))
{
    protected override bool HasJwk => false;
}

public sealed class OwnKeystoreTests : KeystoreContract
{
    protected override Keystore OpenEmpty(KeystoreOptions options) =>
        Keystore.OpenOrCreate(new OwnStore(new MemoryStore()), KeyEncryptionKey.Ephemeral(), options);
}

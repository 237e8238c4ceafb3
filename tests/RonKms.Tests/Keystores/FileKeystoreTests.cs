using RonKms.Sealing;
using RonKms.Testing.Keystores;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Keystores;

public sealed class FileKeystoreTests : KeystoreContract
{
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();

    public override void Dispose()
    {
        base.Dispose();
        _directory.Dispose();
    }

    protected override Keystore OpenEmpty(KeystoreOptions options) =>
        Keystore.OpenOrCreate("file:" + _directory["store"], KeyEncryptionKey.Ephemeral(), options);
}

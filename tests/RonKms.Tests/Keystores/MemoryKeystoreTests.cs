using RonKms.Testing.Keystores;

namespace RonKms.Tests.Keystores;

public sealed class MemoryKeystoreTests : KeystoreContract
{
    protected override Keystore OpenEmpty(KeystoreOptions options) => Keystore.InMemory(options);
}

using RonKms.Pkcs11.Tests.Modules;
using RonKms.Sealing;
using RonKms.Testing.Keystores;

namespace RonKms.Pkcs11.Tests.Keys;

/// <summary>What every keystore does, with the keys in NSS.</summary>
public sealed class NssKeystoreTests : KeystoreContract
{
    private readonly ScratchDirectory _directory = new();

    public override void Dispose()
    {
        base.Dispose();
        _directory.Dispose();
    }

    protected override Keystore OpenEmpty(KeystoreOptions options)
    {
        using Pkcs11Token token = Nss.Open();
        return Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.Ephemeral(), options.UsePkcs11(token, allowImport: true));
    }
}

using System.Security.Cryptography;
using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests;

/// <summary>What somebody has who took a store away, with its backup and its anchor, but without the key-encryption key.</summary>
public sealed class StolenStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_file_holds_a_secret_the_store_key_or_what_opens_it(bool isPassphrase)
    {
        byte[] kek = RandomNumberGenerator.GetBytes(32);
        byte[][] secrets = [.. Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetBytes(32))];
        KeyAlgorithm[] algorithms = [KeyAlgorithm.Ed25519, KeyAlgorithm.X25519, KeyAlgorithm.Aes256Gcm, KeyAlgorithm.HmacSha256];
        KeystoreOptions options = new() { Anchor = new FileAnchor(_directory["anchor"]) };
        using (Keystore keystore = Keystore.OpenOrCreate("file:" + _directory["store"], Kek(), options))
        {
            KeyId[] keys = [.. secrets.Zip(algorithms, (secret, algorithm) => keystore.Import("acme", "p", algorithm, secret))];
            keystore.Disable(keys[1]);
            keystore.Destroy(keys[2]);
            keystore.Backup(_directory["backup"]);
        }

        byte[][] files = [.. Directory.EnumerateFiles(_directory.Path, "*", SearchOption.AllDirectories).Select(File.ReadAllBytes)];
        Assert.True(files.Length > 6);
        Assert.All(files, file => Assert.All([kek, .. secrets, StoreKeyOf(Kek())], secret => Assert.Equal(-1, file.AsSpan().IndexOf(secret.AsSpan(0, 16)))));

        KeyEncryptionKey Kek() => isPassphrase ? KeyEncryptionKey.FromPassphrase(kek) : KeyEncryptionKey.FromBytes(kek);
    }

    private byte[] StoreKeyOf(KeyEncryptionKey kek)
    {
        using (kek)
        {
            string path = Directory.EnumerateFiles(_directory["store"], "store.json", SearchOption.AllDirectories).Single();
            using StoreKey storeKey = StoreDescription.Read(File.ReadAllBytes(path), path).Unwrap(kek, path);
            return storeKey.Reveal().ToArray();
        }
    }
}

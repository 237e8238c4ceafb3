using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
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
        Assert.All(files, file => Assert.All([kek, .. secrets, StoreKeyOf(Kek())], secret => Assert.False(Holds(file, secret))));

        KeyEncryptionKey Kek() => isPassphrase ? KeyEncryptionKey.FromPassphrase(kek) : KeyEncryptionKey.FromBytes(kek);
    }

    [Fact]
    public void A_secret_is_found_in_each_form_in_which_a_file_could_hold_it()
    {
        // With + and / in its base64, wherever it begins.
        byte[] secret = Convert.FromHexString("FBEFBEFFFFFFFBEFBEFFFFFFFBEFBEFF");
        foreach (int begin in Enumerable.Range(0, 6))
        {
            byte[] file = [.. new byte[begin], .. secret, 7, 7];
            string base64 = Convert.ToBase64String(file);
            Assert.True(Holds(file, secret));
            Assert.All(
                [base64, base64.Replace("+", "\\u002B", StringComparison.Ordinal), Base64Url.EncodeToString(file), Convert.ToHexString(file), Convert.ToHexStringLower(file)],
                text => Assert.True(Holds(Encoding.ASCII.GetBytes(text), secret), text));
        }

        Assert.False(Holds("+++++++++++++++++++"u8.ToArray(), secret));
    }

    // The first 16 bytes: as they are, in hex, in base64 of both alphabets, wherever in a text it begins.
    private static bool Holds(byte[] file, byte[] secret)
    {
        ReadOnlySpan<byte> part = secret.AsSpan(0, 16);
        string text = Encoding.Latin1.GetString(file).Replace("\\u002B", "+", StringComparison.OrdinalIgnoreCase).Replace('-', '+').Replace('_', '/');
        bool isFound = file.AsSpan().IndexOf(part) >= 0 || text.Contains(Convert.ToHexString(part), StringComparison.OrdinalIgnoreCase);
        for (int before = 0; before < 3; before++)
        {
            // Whole groups of three bytes alone: the characters at the ends depend on the neighbours, too.
            ReadOnlySpan<byte> groups = part.Slice(before, (part.Length - before) / 3 * 3);
            isFound |= text.Contains(Convert.ToBase64String(groups), StringComparison.Ordinal);
        }

        return isFound;
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

using System.Text;
using System.Text.Json;
using RonKms.Custody;
using RonKms.Interop;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Sealing;

public sealed class StoreDescriptionTests
{
    private const string Location = "test";

    [Fact]
    public void Descriptions_open_or_are_refused_as_the_vectors_say() => OwnVectors.Read("storejson.json").Each("cases", 31, test =>
    {
        byte[] bytes = Encoding.UTF8.GetBytes(test.Text("store_json"));
        using KeyEncryptionKey kek = Kek(test);
        string expected = test.Text("expect");
        if (expected != "ok")
        {
            KmsError refusal = Assert.Throws<KmsException>(() => StoreDescription.Read(bytes, Location).Unwrap(kek, Location).Dispose()).Error;
            Assert.Equal(expected == "Refused" ? WhatRefuses(test, kek) : expected, refusal.ToString());
            return;
        }

        StoreDescription description = StoreDescription.Read(bytes, Location);
        Assert.Equal(test.Uuid("store_id"), description.StoreId);
        Assert.Equal(test.Long("gen"), description.Generation);
        Assert.Equal(test.Text("sha256"), Digest.Of(bytes).ToString());
        using StoreKey storeKey = description.Unwrap(kek, Location);
        Assert.Equal(test.Uuid("store_id"), storeKey.StoreId);
        Assert.Equal(test.Hex("store_key"), storeKey.Reveal().ToArray());

        // AES-KWP has no nonce. A passphrase's salt is always fresh, so that there the vector's own description is put back.
        using KeyEncryptionKey writer = kek.Kind == "keyfile" ? Kek(test) : new FixedWrap(description.Kek, Wrapped(bytes));
        Assert.Equal(test.Text("store_json"), Encoding.UTF8.GetString(StoreDescription.Write(storeKey, description.Generation, writer)));
    });

    [Fact]
    public void Key_files_are_read_or_refused_as_the_vectors_say()
    {
        using TemporaryDirectory directory = new();
        byte[] storeKey = [.. Enumerable.Range(0, StoreKey.Size).Select(i => (byte)i)];
        int n = 0;
        OwnVectors.Read("storejson.json").Each("keyfiles", 15, test =>
        {
            string path = PrivateFile(directory[$"kek{n++}"], test.Hex("hex"));
            if (test.HexOrNull("key") is not { } key)
            {
                Assert.Throws<KmsException>(() => KeyEncryptionKey.FromFile(path));
                return;
            }

            using KeyEncryptionKey kek = KeyEncryptionKey.FromFile(path);
            Assert.Equal("keyfile", kek.Kind);
            Assert.Equal(AesKeyWrap.Wrap(key, storeKey), kek.Wrap(storeKey, out KekDescription description));
            Assert.True(description.HasExactly("kind"));
        });
    }

    [Fact]
    public void Passphrase_files_are_read_as_the_vectors_say()
    {
        using TemporaryDirectory directory = new();
        const int MinMemoryKib = 19_456;
        const int MinOps = 2;
        byte[] salt = new byte[16];
        byte[] storeKey = [.. Enumerable.Range(0, StoreKey.Size).Select(i => (byte)i)];
        KekDescription description = KekDescription.OfKind("passphrase")
            .With("kdf", "argon2id").With("mem_kib", MinMemoryKib).With("ops", MinOps).With("salt", Convert.ToBase64String(salt));
        int n = 0;
        OwnVectors.Read("storejson.json").Each("passphrase_files", 9, test =>
        {
            byte[] passphrase = test.Hex("passphrase");
            byte[] key = new byte[32];
            Assert.Equal(0, Libsodium.crypto_pwhash(
                key, (ulong)key.Length, passphrase, (ulong)passphrase.Length, salt, MinOps, MinMemoryKib * 1024, Libsodium.crypto_pwhash_ALG_ARGON2ID13));
            using KeyEncryptionKey kek = KeyEncryptionKey.FromPassphraseFile(PrivateFile(directory[$"passphrase{n++}"], test.Hex("hex")));
            byte[] unwrapped = new byte[StoreKey.Size];
            Assert.True(kek.TryUnwrap(description, AesKeyWrap.Wrap(key, storeKey), unwrapped));
            Assert.Equal(storeKey, unwrapped);
        });
    }

    private static KeyEncryptionKey Kek(JsonElement test) => test.Text("kek_kind") == "keyfile"
        ? KeyEncryptionKey.FromBytes(test.Hex("kek"))
        : KeyEncryptionKey.FromPassphrase(test.Hex("kek"));

    /// <summary>The page leaves open which error it is; the library has decided. A limit of Argon2id is refused before Argon2id runs: it could run
    /// only into another error than this one.</summary>
    private static string WhatRefuses(JsonElement test, KeyEncryptionKey kek) =>
        JsonDocument.Parse(test.Text("store_json")).RootElement.GetProperty("kek").Text("kind") == kek.Kind
            ? nameof(KmsError.SealedCorrupt)
            : nameof(KmsError.WrongKek);

    private static byte[] Wrapped(byte[] storeJson) => JsonDocument.Parse(storeJson).RootElement.GetProperty("wrapped_key").GetBytesFromBase64();

    private static string PrivateFile(string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    private sealed class FixedWrap(KekDescription description, byte[] wrapped) : KeyEncryptionKey
    {
        public override string Kind => description.Kind;

        public override byte[] Wrap(ReadOnlySpan<byte> storeKey, out KekDescription written)
        {
            written = description;
            return wrapped;
        }

        public override bool TryUnwrap(KekDescription description, ReadOnlySpan<byte> wrapped, Span<byte> storeKey) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}

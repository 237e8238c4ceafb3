using RonKms.Interop;
using RonKms.Sealing;

namespace RonKms.Tests.Sealing;

/// <summary>What a store may say of its passphrase's derivation, and what a passphrase may be.</summary>
public sealed class PassphraseTests
{
    [Fact]
    public void Passphrase_is_neither_empty_nor_longer_than_its_file_may_be()
    {
        Assert.Throws<ArgumentException>(() => new PassphraseKeyEncryptionKey([]));
        Assert.Throws<ArgumentException>(() => new PassphraseKeyEncryptionKey(new byte[PassphraseFile.MaxSize + 1]));
        new PassphraseKeyEncryptionKey(new byte[PassphraseFile.MaxSize]).Dispose();
    }

    [Fact]
    public void A_passphrase_or_a_secret_that_is_gone_gives_no_key()
    {
        PassphraseKeyEncryptionKey kek = new("correct horse"u8);
        kek.Dispose();
        Assert.Throws<ObjectDisposedException>(() => kek.Wrap(new byte[32], out _));

        SecretBytes secret = SecretBytes.Allocate(32);
        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new StoreKey(Guid.NewGuid(), secret));
    }

    [Theory]
    [InlineData("scrypt", 65536, 3, "AAAAAAAAAAAAAAAAAAAAAA==", "the derivation is not")]
    [InlineData("argon2id", 1, 3, "AAAAAAAAAAAAAAAAAAAAAA==", "memory must be")]
    [InlineData("argon2id", 19455, 2, "AAAAAAAAAAAAAAAAAAAAAA==", "memory must be")]
    [InlineData("argon2id", 1048577, 3, "AAAAAAAAAAAAAAAAAAAAAA==", "memory must be")]
    [InlineData("argon2id", long.MaxValue, 3, "AAAAAAAAAAAAAAAAAAAAAA==", "memory must be")]
    [InlineData("argon2id", -1, 3, "AAAAAAAAAAAAAAAAAAAAAA==", "memory must be")]
    [InlineData("argon2id", 65536, 1, "AAAAAAAAAAAAAAAAAAAAAA==", "memory must be")]
    [InlineData("argon2id", 65536, 17, "AAAAAAAAAAAAAAAAAAAAAA==", "memory must be")]
    [InlineData("argon2id", 65536, long.MaxValue, "AAAAAAAAAAAAAAAAAAAAAA==", "memory must be")]
    [InlineData("argon2id", 65536, 3, "AAAAAAAAAAAAAAAAAAAAAB==", "the salt is not")]
    [InlineData("argon2id", 65536, 3, "AAAAAAAAAAAAAAAAAAAA", "the salt is not")]
    [InlineData("argon2id", 65536, 3, "AAAAAAAAAAAAAAAAAAAAAA== ", "the salt is not")]
    [InlineData("argon2id", 65536, 3, "?", "the salt is not")]
    public void Derivation_of_another_kind_or_out_of_bounds_is_refused_before_it_is_tried(string kdf, long memory, long ops, string salt, string why)
    {
        // The passphrase is gone: whatever reached the derivation would say so.
        PassphraseKeyEncryptionKey kek = new("correct horse"u8);
        kek.Dispose();

        KmsException refusal = Assert.Throws<KmsException>(() => kek.TryUnwrap(Described(kdf, memory, ops, salt), new byte[40], new byte[32]));

        Assert.Equal(KmsError.SealedCorrupt, refusal.Error);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(19456, 2)]
    [InlineData(1048576, 16)]
    public void Derivation_within_its_bounds_is_tried(long memory, long ops)
    {
        PassphraseKeyEncryptionKey kek = new("correct horse"u8);
        kek.Dispose();

        Assert.Throws<ObjectDisposedException>(() => kek.TryUnwrap(Described("argon2id", memory, ops, "AAAAAAAAAAAAAAAAAAAAAA=="), new byte[40], new byte[32]));
    }

    [Fact]
    public void A_store_key_is_wrapped_under_what_argon2id_makes_of_the_passphrase()
    {
        byte[] storeKey = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] derived = new byte[32], unwrapped = new byte[32];
        using PassphraseKeyEncryptionKey kek = new("correct horse"u8);

        byte[] wrapped = kek.Wrap(storeKey, out KekDescription description);
        long memory = description.GetInteger("mem_kib") ?? 0, ops = description.GetInteger("ops") ?? 0;

        Assert.Equal(0, Libsodium.crypto_pwhash(
            derived, 32, "correct horse"u8, 13, Convert.FromBase64String(description.GetString("salt")!), (ulong)ops, (nuint)memory * 1024, Libsodium.crypto_pwhash_ALG_ARGON2ID13));
        Assert.Equal((65_536L, 3L), (memory, ops));
        Assert.True(AesKeyWrap.TryUnwrap(derived, wrapped, unwrapped));
        Assert.Equal(storeKey, unwrapped);
    }

    private static KekDescription Described(string kdf, long memory, long ops, string salt) =>
        KekDescription.OfKind("passphrase").With("kdf", kdf).With("mem_kib", memory).With("ops", ops).With("salt", salt);
}

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
    [InlineData("argon2id", 65536, 1, "AAAAAAAAAAAAAAAAAAAAAA==", "memory must be")]
    [InlineData("argon2id", 65536, 3, "AAAAAAAAAAAAAAAAAAAAAB==", "the salt is not")]
    [InlineData("argon2id", 65536, 3, "AAAAAAAAAAAAAAAAAAAA", "the salt is not")]
    [InlineData("argon2id", 65536, 3, "AAAAAAAAAAAAAAAAAAAAAA== ", "the salt is not")]
    [InlineData("argon2id", 65536, 3, "?", "the salt is not")]
    public void Derivation_of_another_kind_or_out_of_bounds_is_refused_before_it_is_tried(string kdf, long memory, long ops, string salt, string why)
    {
        using PassphraseKeyEncryptionKey kek = new("correct horse"u8);
        KekDescription description = KekDescription.OfKind("passphrase").With("kdf", kdf).With("mem_kib", memory).With("ops", ops).With("salt", salt);

        KmsException refusal = Assert.Throws<KmsException>(() => kek.TryUnwrap(description, new byte[40], new byte[32]));

        Assert.Equal(KmsError.SealedCorrupt, refusal.Error);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }
}

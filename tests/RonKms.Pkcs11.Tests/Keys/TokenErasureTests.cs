using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;
using RonKms.Testing;
using RonKms.Tests.Keystores;

namespace RonKms.Pkcs11.Tests.Keys;

/// <summary>Destroyed keys that are still in the token: they are removed whatever becomes of the store in between, and not too early.</summary>
public sealed class TokenErasureTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly Pkcs11Token _token = SoftHsm.Open();
    private readonly MemoryAnchor _anchor = new();
    private readonly byte[] _kek = new byte[32];

    public void Dispose()
    {
        _token.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_restore_removes_what_the_replaced_journal_destroyed(bool isTokenAwayAgain)
    {
        KeyId key;
        using (Keystore keystore = Open())
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.P256);
            keystore.Backup(_directory["backup"]);
            DestroyHalfWay(keystore, key);
        }

        if (isTokenAwayAgain)
        {
            using (TokenKeyTests.FailingToDestroy())
            using (Keystore keystore = Restore())
            {
                Assert.Equal(KeyState.Destroyed, keystore.Get(key).State);
            }

            Assert.Equal(2, TokenKeyTests.CountObjects(_token));
            using (Keystore keystore = Open())
            {
                AssertGone(keystore, key);
            }
        }
        else
        {
            using Keystore keystore = Restore();
            AssertGone(keystore, key);
        }
    }

    [Fact]
    public void A_backup_knows_what_is_still_to_be_removed()
    {
        KeyId key;
        byte[] signature;
        using (Keystore keystore = Open())
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.P256);
            signature = keystore.Sign(key, "m"u8);
            DestroyHalfWay(keystore, key);
            keystore.Backup(_directory["backup"]);
        }

        Directory.Delete(_directory["store"], recursive: true);
        using (Keystore keystore = Restore())
        {
            AssertGone(keystore, key);
            Assert.True(keystore.Verify(key, "m"u8, signature));
        }
    }

    [Fact]
    public void What_two_restores_could_not_remove_the_next_destruction_does()
    {
        using (Keystore keystore = Open())
        {
            KeyId first = keystore.Create("acme", "p", KeyAlgorithm.P256);
            keystore.Backup(_directory["backup"]);
            DestroyHalfWay(keystore, first);
        }

        KeyId key;
        using (TokenKeyTests.FailingToDestroy())
        {
            Restore().Dispose();
            using Keystore keystore = Restore();
            key = Assert.Single(keystore.List()).Id;
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => keystore.Destroy(key)).Error);
        }

        using (TokenKeyTests.FailingToDestroy())
        using (Keystore keystore = Open())
        {
            Assert.Throws<KmsException>(() => keystore.Destroy(key));
            Assert.Throws<KmsException>(() => keystore.Reseal(KeyEncryptionKey.FromBytes(_kek), cancellation: TestContext.Current.CancellationToken));
        }

        using (Keystore keystore = Open())
        {
            AssertGone(keystore, key);
        }
    }

    [Fact]
    public void A_store_that_is_taken_as_it_is_removes_what_its_journal_destroyed()
    {
        KeyId key;
        using (Keystore keystore = Open(new KeystoreOptions { Anchor = _anchor }))
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.P256);
            DestroyHalfWay(keystore, key);
        }

        KeystoreOptions options = new() { Anchor = new MemoryAnchor() };
        using (Keystore keystore = Keystore.RestoreInPlace(_directory.Store, KeyEncryptionKey.FromBytes(_kek), options.UsePkcs11(_token)))
        {
            AssertGone(keystore, key);
        }
    }

    [Fact]
    public void An_opening_removes_nothing_before_the_store_and_its_anchor_are_settled()
    {
        KeyId key;
        using (Keystore keystore = Open(new KeystoreOptions { Anchor = _anchor }))
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.P256);
            DestroyHalfWay(keystore, key);
        }

        _anchor.BeforeAdvance = () => throw new IOException("The anchor's disk is full.");
        Assert.Throws<IOException>(() => Open(new KeystoreOptions { Anchor = _anchor }));
        Assert.Equal(2, TokenKeyTests.CountObjects(_token));

        _anchor.BeforeAdvance = null;
        using (Keystore keystore = Open(new KeystoreOptions { Anchor = _anchor }))
        {
            AssertGone(keystore, key);
        }
    }

    [Theory]
    [InlineData("p256", true)]
    [InlineData("ed25519", false)]
    [InlineData("rsa2048", true)]
    public void A_key_whose_record_is_damaged_is_found_by_its_public_key(string algorithm, bool isThere)
    {
        using Keystore keystore = Open();
        KeyAlgorithm of = KeyAlgorithm.All.Single(one => one.Name == algorithm);
        KeyId kept = keystore.Create("acme", "kept", of);
        KeyId key = keystore.Create("acme", "p", of);
        for (int i = 0; i < 8; i++)
        {
            keystore.Create("acme", "q", KeyAlgorithm.Aes256Gcm);
        }

        DamageRecord(key, isThere);
        keystore.Destroy(key);

        Assert.Equal(10, TokenKeyTests.CountObjects(_token));
        Assert.True(keystore.Verify(kept, "m"u8, keystore.Sign(kept, "m"u8)));
    }

    [Fact]
    public void An_imported_key_of_another_store_is_not_taken_for_the_one_that_is_looked_for()
    {
        byte[] secret = [.. Enumerable.Repeat((byte)7, 32)];
        using Keystore other = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_token, allowImport: true));
        KeyId its = other.Import("acme", "p", KeyAlgorithm.P256, secret);
        using Keystore keystore = Keystore.OpenOrCreate(
            _directory.Store, KeyEncryptionKey.FromBytes(_kek), new KeystoreOptions().UsePkcs11(_token, allowImport: true));
        KeyId key = keystore.Import("acme", "p", KeyAlgorithm.P256, secret);

        DamageRecord(key, isThere: true);
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => keystore.Destroy(key)).Error);

        Assert.True(other.Verify(its, "m"u8, other.Sign(its, "m"u8)));
        Assert.Equal(4, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void A_key_that_cannot_be_found_is_told_and_the_others_go()
    {
        KeyId key;
        KeyId next;
        using (Keystore keystore = Open())
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
            next = keystore.Rotate(key);
        }

        DamageRecord(key, isThere: true);
        using (Keystore keystore = Open())
        {
            KmsException left;
            using (TokenKeyTests.FailingToDestroy())
            {
                left = Assert.Throws<KmsException>(() => keystore.DestroyAllVersions(next));
                Assert.Equal(KmsError.TokenUnavailable, left.Error);
            }

            keystore.Destroy(next);
            Assert.Contains("may be there still", left.Message, StringComparison.Ordinal);
            Assert.Equal((KeyState.Destroyed, KeyState.Destroyed), (keystore.Get(key).State, keystore.Get(next).State));
            Assert.Equal(1, TokenKeyTests.CountObjects(_token));

            // Software keys have nothing in the token.
            KeyId software = keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
            DamageRecord(software, isThere: true);
            keystore.Destroy(software);
        }
    }

    [Fact]
    public void A_key_that_cannot_be_looked_for_is_told()
    {
        KeyId key;
        using Keystore keystore = Open();
        key = keystore.Create("acme", "p", KeyAlgorithm.P256);
        DamageRecord(key, isThere: true);
        using (TokenKeyTests.FailingToDestroy())
        {
            KmsException left = Assert.Throws<KmsException>(() => keystore.Destroy(key));
            Assert.Equal(KmsError.SealedCorrupt, left.Error);
            Assert.Contains("CKR_DEVICE_ERROR", left.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void All_objects_of_a_destroyed_key_go_however_many_there_are()
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        _token.Connection.Do(0, static (functions, session, _) =>
        {
            using AttributeTemplate find = new();
            byte[] id = new byte[16];
            functions.C_GetAttributeValue(session, Assert.Single(TokenObject.Find(functions, session, find.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY))), CK.CKA_ID, id);
            for (int i = 0; i < 20; i++)
            {
                using AttributeTemplate template = new();
                template.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_AES).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, false)
                    .Add(CK.CKA_ID, id).Add(CK.CKA_VALUE, new byte[32]);
                functions.C_CreateObject(session, template);
            }

            return true;
        });

        keystore.Destroy(key);

        Assert.Equal(0, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void A_writer_that_is_overtaken_while_it_removes_a_key_goes_on_writing()
    {
        OvertakenStore store = new();
        using Keystore keystore = Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral(), new KeystoreOptions().UsePkcs11(_token));
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.P256);
        DestroyHalfWay(keystore, key);

        store.Conflicts = 1;
        Assert.Equal(KmsError.Busy, Assert.Throws<KmsException>(() => keystore.Destroy(key)).Error);

        keystore.Create("acme", "p", KeyAlgorithm.X25519);
        keystore.Destroy(key);
        Assert.Equal(0, TokenKeyTests.CountObjects(_token));
    }

    private static void DestroyHalfWay(Keystore keystore, KeyId key)
    {
        using (TokenKeyTests.FailingToDestroy())
        {
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => keystore.Destroy(key)).Error);
        }
    }

    private void DamageRecord(KeyId key, bool isThere)
    {
        string path = Assert.Single(Directory.GetFiles(_directory["store"], $"{key.Uuid:D}.v{key.Version}.ronk", SearchOption.AllDirectories));
        if (isThere)
        {
            byte[] record = File.ReadAllBytes(path);
            record[^1] ^= 1;
            File.WriteAllBytes(path, record);
        }
        else
        {
            File.Delete(path);
        }
    }

    private void AssertGone(Keystore keystore, KeyId key)
    {
        Assert.Equal(KeyState.Destroyed, keystore.Get(key).State);
        Assert.Equal(0, TokenKeyTests.CountObjects(_token));
        Assert.Empty(Directory.GetFiles(_directory["store"], "*.ronk", SearchOption.AllDirectories));
        Assert.True(keystore.VerifyStore(cancellationToken: TestContext.Current.CancellationToken).IsSound);
    }

    private Keystore Open(KeystoreOptions? options = null) =>
        Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.FromBytes(_kek), (options ?? new KeystoreOptions()).UsePkcs11(_token));

    private Keystore Restore() =>
        Keystore.Restore(_directory["backup"], _directory.Store, KeyEncryptionKey.FromBytes(_kek), new KeystoreOptions().UsePkcs11(_token));
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;

namespace RonKms.Pkcs11.Tests.Keys;

/// <summary>Somebody who has the token puts other objects beside keys, or in their place, while they are in use or when they are destroyed.</summary>
public sealed unsafe class ExchangedKeyTests : IDisposable
{
    private static readonly byte[] s_p256 = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
    private static nint s_before;
    private static bool s_isShown;

    private readonly byte[] _kek = new byte[32];
    private readonly ScratchDirectory _directory = new();
    private readonly Pkcs11Token _token = SoftHsm.Open();

    public void Dispose()
    {
        _token.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Another_AES_key_does_not_wrap_for_one_that_is_open()
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        keystore.Wrap(key, "m"u8);
        Change(IdOf(keystore, key), static (functions, session, id) =>
        {
            functions.C_DestroyObject(session, One(functions, session, CK.CKO_SECRET_KEY, id));
            PutAes(functions, session, id, isPrivate: true);
        });

        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => keystore.Wrap(key, "m"u8)).Error);
    }

    [Fact]
    public void Another_private_key_beside_the_public_one_neither_signs_nor_is_attested()
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.P256);
        keystore.Sign(key, "m"u8);
        Change(IdOf(keystore, key), static (functions, session, id) =>
        {
            functions.C_DestroyObject(session, One(functions, session, CK.CKO_PRIVATE_KEY, id));
            using AttributeTemplate publicTemplate = new();
            publicTemplate.Add(CK.CKA_TOKEN, false).Add(CK.CKA_EC_PARAMS, s_p256);
            using AttributeTemplate privateTemplate = new();
            privateTemplate.Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, true).Add(CK.CKA_SENSITIVE, true).Add(CK.CKA_EXTRACTABLE, false)
                .Add(CK.CKA_SIGN, true).Add(CK.CKA_ID, id);
            functions.C_GenerateKeyPair(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_EC_KEY_PAIR_GEN) }, publicTemplate, privateTemplate);
        });

        RequireRefused(() => keystore.Sign(key, "m"u8));
        RequireRefused(() => keystore.Attest(key));
        keystore.Dispose();
        using Keystore again = Open();
        RequireRefused(() => again.Sign(key, "m"u8));
        Assert.False(again.VerifyStore(cancellationToken: TestContext.Current.CancellationToken).IsSound);
    }

    [Fact]
    public void Another_key_encryption_key_does_not_wrap_for_one_that_is_open()
    {
        _token.CreateKek("kek").Dispose();
        KeyEncryptionKey kek = _token.OpenKek("kek");
        Change([], static (functions, session, _) =>
        {
            using AttributeTemplate find = new();
            CULong old = Assert.Single(TokenObject.Find(functions, session, find.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY).Add(CK.CKA_TOKEN, true)));
            byte[] id = new byte[16];
            functions.C_GetAttributeValue(session, old, CK.CKA_ID, id);
            functions.C_DestroyObject(session, old);
            PutAes(functions, session, id, isPrivate: true);
        });

        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Keystore.OpenOrCreate(_directory.Store, kek)).Error);
        Assert.False(File.Exists(Path.Combine(_directory["store"], "store.json")));
    }

    [Fact]
    public void A_key_encryption_key_without_a_CKA_ID_is_refused()
    {
        Change([], static (functions, session, _) =>
        {
            using AttributeTemplate template = new();
            template.Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, true).Add(CK.CKA_SENSITIVE, true).Add(CK.CKA_EXTRACTABLE, false)
                .Add(CK.CKA_LABEL, "kek"u8).Add(CK.CKA_WRAP, true).Add(CK.CKA_UNWRAP, true).AddNumber(CK.CKA_VALUE_LEN, 32);
            functions.C_GenerateKey(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_AES_KEY_GEN) }, template);
        });

        KmsException refusal = Assert.Throws<KmsException>(() => _token.OpenKek("kek"));
        Assert.Equal(KmsError.WrongKek, refusal.Error);
        Assert.Contains("--id", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aes256gcm")]
    [InlineData("p256")]
    public void A_key_is_destroyed_though_there_are_public_objects_of_its_CKA_ID_that_are_not(string name)
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.FindByName(name)!);
        byte[] id = IdOf(keystore, key);
        Change(id, static (functions, session, id) =>
        {
            for (int i = 0; i < 9; i++)
            {
                PutAes(functions, session, id, isPrivate: false);
            }
        });

        keystore.Destroy(key);

        Assert.Equal(9, TokenKeyTests.CountObjects(_token));
        Assert.Empty(Directory.GetFiles(_directory["store"], "*.ronk", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_key_is_not_taken_for_destroyed_while_its_token_is_away()
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.P256);
        using (SoftHsm.Module.Replace(RawModule.FindObjects, (delegate* unmanaged[Cdecl]<CULong, CULong*, CULong, CULong*, CULong>)&FindNothing))
        using (SoftHsm.Module.Replace(RawModule.GetTokenInfo, (delegate* unmanaged[Cdecl]<CULong, CK_TOKEN_INFO*, CULong>)&TellNothing))
        {
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => keystore.Destroy(key)).Error);
        }

        Assert.Equal(2, TokenKeyTests.CountObjects(_token));
        keystore.Destroy(key);
        Assert.Equal(0, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void A_key_that_is_not_in_its_token_when_it_is_destroyed_is_told_once()
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        Change(IdOf(keystore, key), static (functions, session, id) => functions.C_DestroyObject(session, One(functions, session, CK.CKO_SECRET_KEY, id)));

        KmsException told = Assert.Throws<KmsException>(() => keystore.Destroy(key));

        Assert.Equal(KmsError.SealedCorrupt, told.Error);
        Assert.Contains("was not in its device", told.Message, StringComparison.Ordinal);
        Assert.Equal(KeyState.Destroyed, keystore.Get(key).State);
        Assert.Empty(Directory.GetFiles(_directory["store"], "*.ronk", SearchOption.AllDirectories));
        keystore.Destroy(key);
    }

    [Fact]
    public void A_key_whose_record_is_damaged_is_not_taken_for_destroyed_in_another_token()
    {
        KeyId key;
        using (Keystore keystore = Open())
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.P256);
        }

        DamageRecord(key);
        using Pkcs11Token other = SoftHsm.Open();
        using Keystore elsewhere = Open(other);
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => elsewhere.Destroy(key)).Error);
        Assert.Equal(2, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void A_key_that_has_the_public_object_of_a_lost_one_is_not_taken_for_that()
    {
        KeyId lost;
        KeyId other;
        using (Keystore keystore = Open())
        {
            lost = keystore.Create("acme", "lost", KeyAlgorithm.P256);
            other = keystore.Create("acme", "other", KeyAlgorithm.P256);
            byte[] lostId = IdOf(keystore, lost);
            Change(IdOf(keystore, other), (functions, session, otherId) =>
            {
                CULong publicObject = One(functions, session, CK.CKO_PUBLIC_KEY, lostId);
                byte[] point = new byte[100];
                point = point[..functions.C_GetAttributeValue(session, publicObject, CK.CKA_EC_POINT, point)];
                functions.C_DestroyObject(session, publicObject);
                functions.C_DestroyObject(session, One(functions, session, CK.CKO_PUBLIC_KEY, otherId));
                using AttributeTemplate template = new();
                template.AddNumber(CK.CKA_CLASS, CK.CKO_PUBLIC_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_EC).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, false)
                    .Add(CK.CKA_ID, otherId).Add(CK.CKA_EC_PARAMS, s_p256).Add(CK.CKA_EC_POINT, point);
                functions.C_CreateObject(session, template);
            });
        }

        DamageRecord(lost);
        using Keystore again = Open();
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => again.Destroy(lost)).Error);
        Assert.Equal(3, TokenKeyTests.CountObjects(_token));
    }

    [Theory]
    [InlineData("aes256gcm")]
    [InlineData("p256")]
    [InlineData("rsa2048")]
    public void A_key_is_neither_changed_nor_copied_nor_used_for_something_else(string name)
    {
        using Keystore keystore = Open();
        byte[] id = IdOf(keystore, keystore.Create("acme", "p", KeyAlgorithm.FindByName(name)!));
        _token.CreateKek("kek").Dispose();
        Change(id, static (functions, session, id) =>
        {
            foreach (uint objectClass in new[] { CK.CKO_PRIVATE_KEY, CK.CKO_SECRET_KEY })
            {
                using AttributeTemplate template = new();
                foreach (CULong key in TokenObject.Find(functions, session, template.AddNumber(CK.CKA_CLASS, objectClass).Add(CK.CKA_TOKEN, true)))
                {
                    uint[] secretUses = objectClass == CK.CKO_SECRET_KEY ? [CK.CKA_SIGN, CK.CKA_VERIFY] : [CK.CKA_DECRYPT, CK.CKA_UNWRAP];
                    Assert.All([CK.CKA_MODIFIABLE, CK.CKA_COPYABLE, CK.CKA_DERIVE, .. secretUses], attribute => Assert.False(TokenObject.Is(functions, session, key, attribute)));
                }
            }

            foreach (CULong key in TokenObject.Find(functions, session, CK.CKO_PUBLIC_KEY, id))
            {
                Assert.All([CK.CKA_ENCRYPT, CK.CKA_VERIFY_RECOVER, CK.CKA_WRAP], attribute => Assert.False(TokenObject.Is(functions, session, key, attribute)));
                Assert.True(TokenObject.Is(functions, session, key, CK.CKA_VERIFY));
            }
        });
    }

    [Fact]
    public void A_token_that_does_not_know_the_attribute_makes_keys_without_it()
    {
        s_before = SoftHsm.Module[RawModule.GenerateKey];
        using (SoftHsm.Module.Replace(RawModule.GenerateKey, (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CULong*, CULong>)&KnowNoCopyable))
        {
            using Keystore keystore = Open();
            keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
            _token.CreateKek("kek").Dispose();
        }

        Assert.Equal(2, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void A_token_that_does_not_know_the_number_of_a_newer_mechanism_serves_the_older_ones()
    {
        s_before = SoftHsm.Module[RawModule.GetMechanismInfo];
        using (SoftHsm.Module.Replace(RawModule.GetMechanismInfo, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_MECHANISM_INFO*, CULong>)&FailAtNewer))
        {
            using Keystore keystore = Open();
            Assert.Equal("pkcs11", keystore.Get(keystore.Create("acme", "p", KeyAlgorithm.P256)).Backend);
        }
    }

    [Fact]
    public void The_store_key_is_nowhere_a_public_object()
    {
        s_before = SoftHsm.Module[RawModule.CreateObject];
        s_isShown = false;
        using (SoftHsm.Module.Replace(RawModule.CreateObject, (delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)&SeeShown))
        {
            Keystore.OpenOrCreate(_directory.Store, _token.CreateKek("kek")).Dispose();
        }

        Assert.False(s_isShown);
    }

    private static void RequireRefused(Action use)
    {
        KmsException refusal = Assert.Throws<KmsException>(use);
        Assert.Equal(KmsError.SealedCorrupt, refusal.Error);
        Assert.Contains("private half", refusal.Message, StringComparison.Ordinal);
    }

    private static CULong One(Cryptoki functions, CULong session, uint objectClass, byte[] id) => Assert.Single(TokenObject.Find(functions, session, objectClass, id));

    private static void PutAes(Cryptoki functions, CULong session, byte[] id, bool isPrivate)
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_AES).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, isPrivate)
            .Add(CK.CKA_SENSITIVE, isPrivate).Add(CK.CKA_EXTRACTABLE, !isPrivate).Add(CK.CKA_DESTROYABLE, isPrivate)
            .Add(CK.CKA_ENCRYPT, true).Add(CK.CKA_WRAP, true).Add(CK.CKA_UNWRAP, true).Add(CK.CKA_ID, id).Add(CK.CKA_VALUE, new byte[32]);
        functions.C_CreateObject(session, template);
    }

    private static byte[] IdOf(Keystore keystore, KeyId key)
    {
        using JsonDocument attestation = JsonDocument.Parse(keystore.Attest(key).Json);
        return Convert.FromHexString(attestation.RootElement.GetProperty("custody").GetProperty("id").GetString()!);
    }

    private void Change(byte[] id, Action<Cryptoki, CULong, byte[]> change) => _token.Connection.Do(id, (functions, session, given) =>
    {
        change(functions, session, given);
        return true;
    });

    private void DamageRecord(KeyId key)
    {
        string path = Assert.Single(Directory.GetFiles(_directory["store"], $"{key.Uuid:D}.v{key.Version}.ronk", SearchOption.AllDirectories));
        byte[] record = File.ReadAllBytes(path);
        record[^1] ^= 1;
        File.WriteAllBytes(path, record);
    }

    private Keystore Open(Pkcs11Token? token = null) =>
        Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.FromBytes(_kek), new KeystoreOptions().UsePkcs11(token ?? _token));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FindNothing(CULong session, CULong* found, CULong most, CULong* count)
    {
        *count = new CULong(0);
        return new((uint)CKR.CKR_OK);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong TellNothing(CULong slot, CK_TOKEN_INFO* info) => new((uint)CKR.CKR_GENERAL_ERROR);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FailAtNewer(CULong slot, CULong mechanism, CK_MECHANISM_INFO* info) =>
        mechanism.Value is CK.CKM_ML_DSA or CK.CKM_ML_KEM or CK.CKM_ML_DSA_KEY_PAIR_GEN or CK.CKM_ML_KEM_KEY_PAIR_GEN
            ? new((uint)CKR.CKR_ARGUMENTS_BAD)
            : ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_MECHANISM_INFO*, CULong>)s_before)(slot, mechanism, info);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong KnowNoCopyable(CULong session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* template, CULong count, CULong* key)
    {
        for (uint i = 0; i < (uint)count.Value; i++)
        {
            if (template[i].type.Value == CK.CKA_COPYABLE)
            {
                return new((uint)CKR.CKR_ATTRIBUTE_TYPE_INVALID);
            }
        }

        return ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CULong*, CULong>)s_before)(session, mechanism, template, count, key);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SeeShown(CULong session, CK_ATTRIBUTE* template, CULong count, CULong* created)
    {
        bool isPrivate = false;
        for (uint i = 0; i < (uint)count.Value; i++)
        {
            isPrivate |= template[i].type.Value == CK.CKA_PRIVATE && *(byte*)template[i].pValue == 1;
        }

        s_isShown |= !isPrivate;
        return ((delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)s_before)(session, template, count, created);
    }
}

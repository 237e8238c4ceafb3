using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;

namespace RonKms.Pkcs11.Tests.Keys;

/// <summary>Store keys that are wrapped in a token.</summary>
public sealed unsafe class TokenKekTests : IDisposable
{
    private static nint s_before;

    private readonly ScratchDirectory _directory = new();
    private readonly string _uri = SoftHsm.NewToken();
    private readonly Pkcs11Token _token;

    public TokenKekTests()
    {
        _token = SoftHsm.Open(_uri);
    }

    public void Dispose()
    {
        _token.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_store_is_made_and_opened_with_a_key_in_the_token()
    {
        KeyId key = Make();

        JsonNode kek = Description();
        Assert.Equal("pkcs11", (string?)kek["kind"]);
        Assert.Equal("aes-kwp", (string?)kek["wrap"]);
        Assert.StartsWith($"pkcs11:token={_token.Label};serial={_token.SerialNumber};object=kek;id=%", (string?)kek["uri"], StringComparison.Ordinal);
        using Keystore keystore = Keystore.Open(_directory.Store, _token.OpenKek("kek"));
        keystore.ComputeMac(key, "m"u8, out _);
    }

    [Fact]
    public void What_the_token_wraps_is_what_rfc_5649_says()
    {
        // RFC 5649 has no vectors of 256 bits: the platform's implementation is the other one, under a key that both know.
        byte[] kek = RandomNumberGenerator.GetBytes(32);
        byte[] storeKey = RandomNumberGenerator.GetBytes(32);
        uint mechanism = Assert.IsType<uint>(KeyWrapping.FindMechanism(_token.Connection));
        byte[] wrapped = _token.Connection.Do(0, (functions, session, _) =>
        {
            using AttributeTemplate template = new();
            template.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_AES).Add(CK.CKA_WRAP, true).Add(CK.CKA_VALUE, kek);
            return KeyWrapping.Wrap(functions, session, mechanism, functions.C_CreateObject(session, template), storeKey);
        });

        using Aes aes = Aes.Create();
        aes.SetKey(kek);
        Assert.Equal(aes.EncryptKeyWrapPadded(storeKey), wrapped);
    }

    [Fact]
    public void A_token_whose_mechanism_is_another_padding_wraps_by_aes_gcm()
    {
        // A module whose CKM_AES_KEY_WRAP_PAD is not RFC 5649.
        s_before = SoftHsm.Module[RawModule.WrapKey];
        KeyId key;
        using (SoftHsm.Module.Replace(RawModule.WrapKey, (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CULong, byte*, CULong*, CULong>)&WrapOtherwise))
        {
            key = Make();
            JsonNode kek = Description();
            Assert.Equal("aes-gcm", (string?)kek["wrap"]);
            Assert.Equal(12, Convert.FromBase64String((string)kek["iv"]!).Length);
        }

        using (Keystore keystore = Keystore.Open(_directory.Store, _token.OpenKek("kek")))
        {
            keystore.ComputeMac(key, "m"u8, out _);
        }

        _token.CreateKek("other").Dispose();
        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Keystore.Open(_directory.Store, _token.OpenKek("other"))).Error);
    }

    [Fact]
    public void Without_the_token_or_its_key_the_store_stays_shut()
    {
        Make();
        using (Pkcs11Token other = SoftHsm.Open())
        {
            other.CreateKek("kek").Dispose();
            Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Keystore.Open(_directory.Store, other.OpenKek("kek"))).Error);
        }

        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Keystore.Open(_directory.Store, KeyEncryptionKey.Ephemeral())).Error);
        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => _token.OpenKek("none")).Error);
        Keystore.Open(_directory.Store, _token.OpenKek("kek")).Dispose();
    }

    [Fact]
    public void A_wrapped_key_that_was_changed_does_not_open()
    {
        Make();
        string path = _directory["store/store.json"];
        string before = File.ReadAllText(path);
        JsonNode store = JsonNode.Parse(before)!;
        byte[] wrapped = Convert.FromBase64String((string)store["wrapped_key"]!);
        wrapped[5] ^= 1;
        using KeyEncryptionKey kek = _token.OpenKek("kek");
        KekDescription description = KekDescription.OfKind("pkcs11").With("uri", (string)store["kek"]!["uri"]!).With("wrap", "aes-kwp");

        Assert.False(kek.TryUnwrap(description, wrapped, new byte[32]));
        Assert.False(kek.TryUnwrap(description, wrapped.AsSpan(0, 32), new byte[32]));
        Assert.True(kek.TryUnwrap(description, Convert.FromBase64String((string)store["wrapped_key"]!), new byte[32]));
    }

    [Fact]
    public void What_a_description_says_of_a_module_or_a_pin_is_not_used()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux lists what a process has loaded.");
        string module = _directory["another-module.so"], pin = _directory["pin"];
        File.Copy(SoftHsm.Library, module);
        using KeyEncryptionKey kek = _token.CreateKek("kek");
        byte[] wrapped = kek.Wrap(new byte[32], out KekDescription good);

        foreach (string query in new[] { $"?module-path={module}", $"?pin-source=file:{pin}", $"?module-path={module}&pin-source=file:{pin}" })
        {
            KekDescription bad = KekDescription.OfKind("pkcs11").With("uri", good.GetString("uri") + query).With("wrap", good.GetString("wrap")!);
            Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => kek.TryUnwrap(bad, wrapped, new byte[32])).Error);
        }

        // A library that is loaded is mapped under its name.
        Assert.DoesNotContain(File.ReadLines("/proc/self/maps"), line => line.EndsWith(module, StringComparison.Ordinal));
        Assert.Contains(File.ReadLines("/proc/self/maps"), line => line.EndsWith(Path.GetFileName(SoftHsm.Library), StringComparison.Ordinal));
    }

    [Fact]
    public void A_description_that_is_not_whole_or_says_more_is_refused()
    {
        using KeyEncryptionKey kek = _token.CreateKek("kek");
        kek.Wrap(new byte[32], out KekDescription good);
        string uri = good.GetString("uri")!;
        foreach (KekDescription bad in new[]
        {
            KekDescription.OfKind("pkcs11").With("uri", uri),
            KekDescription.OfKind("pkcs11").With("uri", uri).With("wrap", "rsa-oaep"),
            good.With("pin", "1234"),
            good.With("iv", "AAAAAAAAAAAAAAAA"),
            KekDescription.OfKind("pkcs11").With("uri", uri).With("wrap", "aes-gcm"),
        })
        {
            Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => kek.TryUnwrap(bad, new byte[40], new byte[32])).Error);
        }
    }

    [Fact]
    public void A_name_that_is_taken_is_not_taken_again()
    {
        _token.CreateKek("kek").Dispose();

        Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => _token.CreateKek("kek")).Error);
        Assert.Throws<ArgumentException>(() => _token.CreateKek(new string('x', 65)));
    }

    [Fact]
    public void A_key_that_could_leave_the_token_is_no_key_encryption_key()
    {
        _token.Connection.Do(0, static (functions, session, _) =>
        {
            using AttributeTemplate template = new();
            template.Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, true).Add(CK.CKA_SENSITIVE, true).Add(CK.CKA_EXTRACTABLE, true)
                .Add(CK.CKA_LABEL, "loose"u8).Add(CK.CKA_WRAP, true).AddNumber(CK.CKA_VALUE_LEN, 32);
            return functions.C_GenerateKey(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_AES_KEY_GEN) }, template);
        });

        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => _token.OpenKek("loose")).Error);
    }

    [Fact]
    public void A_key_without_an_id_is_refused_before_a_store_knows_it_by_that()
    {
        _token.Connection.Do(0, static (functions, session, _) =>
        {
            using AttributeTemplate template = new();
            template.Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, true).Add(CK.CKA_SENSITIVE, true).Add(CK.CKA_EXTRACTABLE, false)
                .Add(CK.CKA_LABEL, "nameless"u8).Add(CK.CKA_WRAP, true).Add(CK.CKA_UNWRAP, true).AddNumber(CK.CKA_VALUE_LEN, 32);
            return functions.C_GenerateKey(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_AES_KEY_GEN) }, template);
        });

        string message = Refusal("nameless");
        Assert.Contains("CKA_ID", message, StringComparison.Ordinal);
        Assert.Contains("--id", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_somebody_put_there_without_the_pin_is_not_taken()
    {
        byte[] known = new byte[32];
        Put(known, isPrivate: false);

        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => _token.OpenKek("kek")).Error);
        Make();

        byte[] wrapped = Convert.FromBase64String((string)JsonNode.Parse(File.ReadAllText(_directory["store/store.json"]))!["wrapped_key"]!);
        using Aes aes = Aes.Create();
        aes.SetKey(known);
        Assert.Throws<CryptographicException>(() => aes.DecryptKeyWrapPadded(wrapped));
        Keystore.Open(_directory.Store, _token.OpenKek("kek")).Dispose();
    }

    [Fact]
    public void A_key_that_was_elsewhere_before_or_is_shorter_or_there_twice_is_no_key_encryption_key()
    {
        Put(new byte[32], isPrivate: true);
        Assert.Contains("CKA_LOCAL", Refusal("kek"), StringComparison.Ordinal);

        Generate("short", 16);
        Assert.Contains("256 bits", Refusal("short"), StringComparison.Ordinal);

        Generate("twice", 32);
        _token.OpenKek("twice").Dispose();
        Generate("twice", 32);
        Assert.Contains("2 secret keys", Refusal("twice"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_token_says_that_is_neither_true_nor_false_is_not_taken_for_false()
    {
        _token.CreateKek("kek").Dispose();
        s_before = SoftHsm.Module[RawModule.GetAttributeValue];
        using (SoftHsm.Module.Replace(
            RawModule.GetAttributeValue, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&SayNeither))
        {
            Assert.Contains("CKA_EXTRACTABLE", Refusal("kek"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_token_that_puts_in_its_own_iv_is_refused_before_anything_is_written()
    {
        s_before = SoftHsm.Module[RawModule.EncryptInit];
        byte[] bytes = new byte[32];
        using Keystore keystore = Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.FromBytes(bytes));
        string before = File.ReadAllText(_directory["store/store.json"]);
        using (SoftHsm.Module.Replace(
            RawModule.WrapKey, (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CULong, byte*, CULong*, CULong>)&WrapNothing))
        using (SoftHsm.Module.Replace(RawModule.EncryptInit, (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CULong>)&EncryptUnderOwnIv))
        {
            KmsException refusal = Assert.Throws<KmsException>(() => keystore.ChangeKek(_token.CreateKek("kek")));
            Assert.Equal(KmsError.AlgUnavailable, refusal.Error);
            Assert.Contains("IV", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, File.ReadAllText(_directory["store/store.json"]));
        keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
    }

    [Fact]
    public void What_the_token_does_not_unwrap_again_is_not_written()
    {
        byte[] bytes = new byte[32];
        using Keystore keystore = Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.FromBytes(bytes));
        string before = File.ReadAllText(_directory["store/store.json"]);
        KeyEncryptionKey kek = _token.CreateKek("kek");
        s_before = SoftHsm.Module[RawModule.WrapKey];
        using (SoftHsm.Module.Replace(
            RawModule.WrapKey, (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CULong, byte*, CULong*, CULong>)&WrapBadlyUnderTokenKeys))
        {
            Assert.Equal(KmsError.AlgUnavailable, Assert.Throws<KmsException>(() => keystore.ChangeKek(kek)).Error);
        }

        Assert.Equal(before, File.ReadAllText(_directory["store/store.json"]));
    }

    [Fact]
    public void A_store_moves_from_a_key_file_into_the_token_and_back()
    {
        byte[] bytes = new byte[32];
        KeyId key;
        using (Keystore keystore = Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.FromBytes(bytes)))
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
            keystore.ChangeKek(_token.CreateKek("kek"));
        }

        using (Keystore keystore = Keystore.Open(_directory.Store, _token.OpenKek("kek")))
        {
            keystore.ComputeMac(key, "m"u8, out _);
            keystore.ChangeKek(KeyEncryptionKey.FromBytes(bytes));
        }

        using (Keystore keystore = Keystore.Open(_directory.Store, KeyEncryptionKey.FromBytes(bytes)))
        {
            keystore.ComputeMac(key, "m"u8, out _);
        }
    }

    [Fact]
    public void The_login_is_given_back_with_the_key()
    {
        using SessionCount sessions = new();
        Pkcs11Token own = SoftHsm.Open();
        KeyEncryptionKey kek = own.CreateKek("kek");
        own.Dispose();
        kek.Wrap(new byte[32], out _);
        kek.Dispose();

        // One session was opened by the tests to make the token, and closed.
        Assert.Equal(0, sessions.Open);
    }

    private string Refusal(string name)
    {
        KmsException refusal = Assert.Throws<KmsException>(() => _token.OpenKek(name));
        Assert.Equal(KmsError.WrongKek, refusal.Error);
        return refusal.Message;
    }

    /// <summary>Puts a key of a known value beside the library's back.</summary>
    private void Put(byte[] value, bool isPrivate) => _token.Connection.Do((value, isPrivate), static (functions, session, work) =>
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_AES).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, work.isPrivate)
            .Add(CK.CKA_SENSITIVE, true).Add(CK.CKA_EXTRACTABLE, false).Add(CK.CKA_WRAP, true).Add(CK.CKA_UNWRAP, true)
            .Add(CK.CKA_LABEL, "kek"u8).Add(CK.CKA_ID, new byte[16]).Add(CK.CKA_VALUE, work.value);
        return functions.C_CreateObject(session, template);
    });

    private void Generate(string name, uint size) => _token.Connection.Do((name, size), static (functions, session, work) =>
    {
        using AttributeTemplate template = new();
        template.Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, true).Add(CK.CKA_SENSITIVE, true).Add(CK.CKA_EXTRACTABLE, false)
            .Add(CK.CKA_ID, RandomNumberGenerator.GetBytes(16)).Add(CK.CKA_LABEL, System.Text.Encoding.ASCII.GetBytes(work.name))
            .Add(CK.CKA_WRAP, true).Add(CK.CKA_UNWRAP, true).AddNumber(CK.CKA_VALUE_LEN, work.size);
        return functions.C_GenerateKey(session, new CK_MECHANISM { mechanism = new CULong(CK.CKM_AES_KEY_GEN) }, template);
    });

    private KeyId Make()
    {
        using Keystore keystore = Keystore.OpenOrCreate(_directory.Store, _token.CreateKek("kek"));
        return keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
    }

    private JsonNode Description() => JsonNode.Parse(File.ReadAllText(_directory["store/store.json"]))!["kek"]!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong WrapOtherwise(CULong session, CK_MECHANISM* mechanism, CULong kek, CULong key, byte* wrapped, CULong* length)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CULong, byte*, CULong*, CULong>)s_before)(session, mechanism, kek, key, wrapped, length);
        wrapped[0] ^= 1;
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong WrapNothing(CULong session, CK_MECHANISM* mechanism, CULong kek, CULong key, byte* wrapped, CULong* length) =>
        new((uint)CKR.CKR_MECHANISM_INVALID);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong WrapBadlyUnderTokenKeys(CULong session, CK_MECHANISM* mechanism, CULong kek, CULong key, byte* wrapped, CULong* length)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CULong, byte*, CULong*, CULong>)s_before)(session, mechanism, kek, key, wrapped, length);
        Span<byte> isInToken = [0];
        SoftHsm.Module.Functions.C_GetAttributeValue(session, kek, CK.CKA_TOKEN, isInToken);
        wrapped[0] ^= isInToken[0];
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong EncryptUnderOwnIv(CULong session, CK_MECHANISM* mechanism, CULong key)
    {
        if (mechanism->mechanism.Value == CK.CKM_AES_GCM)
        {
            ((CK_GCM_PARAMS*)mechanism->pParameter)->pIv[0] ^= 1;
        }

        return ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CULong>)s_before)(session, mechanism, key);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SayNeither(CULong session, CULong target, CK_ATTRIBUTE* attributes, CULong count)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)s_before)(session, target, attributes, count);
        if (attributes[0].type.Value == CK.CKA_EXTRACTABLE)
        {
            *(byte*)attributes[0].pValue = 0xFF;
        }

        return result;
    }
}

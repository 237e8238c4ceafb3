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
        s_before = SoftHsm.Module[60];
        KeyId key;
        using (SoftHsm.Module.Replace(60, (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CULong, byte*, CULong*, CULong>)&WrapOtherwise))
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
}

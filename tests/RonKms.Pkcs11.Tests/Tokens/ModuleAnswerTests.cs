using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Keys;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Tests.Tokens;

/// <summary>Modules whose answers are odd, sick or made up.</summary>
public sealed unsafe class ModuleAnswerTests : IDisposable
{
    private static nint s_before;
    private static byte s_byte;
    private static ulong s_count;
    private static CULong s_slot;

    private readonly string _uri = SoftHsm.NewToken();
    private readonly Pkcs11Token _token;
    private readonly Keystore _keystore;

    public ModuleAnswerTests()
    {
        _token = SoftHsm.Open(_uri);
        _keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_token));
    }

    public void Dispose()
    {
        _keystore.Dispose();
        _token.Dispose();
    }

    [Fact]
    public void Every_object_of_a_key_goes_with_it()
    {
        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.P256);
        _token.Connection.Do(0, static (functions, session, _) =>
        {
            using AttributeTemplate publicKey = new();
            CULong found = Assert.Single(TokenObject.Find(functions, session, publicKey.AddNumber(CK.CKA_CLASS, CK.CKO_PUBLIC_KEY)));
            byte[] id = new byte[16];
            byte[] point = new byte[67];
            functions.C_GetAttributeValue(session, found, CK.CKA_ID, id);
            functions.C_GetAttributeValue(session, found, CK.CKA_EC_POINT, point);
            for (int i = 0; i < 30; i++)
            {
                using AttributeTemplate template = new();
                template.AddNumber(CK.CKA_CLASS, CK.CKO_PUBLIC_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_EC).Add(CK.CKA_TOKEN, true).Add(CK.CKA_ID, id)
                    .Add(CK.CKA_EC_PARAMS, [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]).Add(CK.CKA_EC_POINT, point);
                functions.C_CreateObject(session, template);
            }

            return true;
        });
        Assert.Equal(32, TokenKeyTests.CountObjects(_token));

        // And from a module that gives them one by one.
        using (Replace(RawModule.FindObjects, (delegate* unmanaged[Cdecl]<CULong, CULong*, CULong, CULong*, CULong>)&FindOneByOne))
        {
            _keystore.Destroy(key);
        }

        Assert.Equal(0, TokenKeyTests.CountObjects(_token));
    }

    [Theory]
    [InlineData(0x02)]
    [InlineData(0x2A)]
    [InlineData(0xFF)]
    public void What_is_neither_true_nor_false_is_refused(byte said)
    {
        s_byte = said;
        using (Replace(RawModule.GetAttributeValue, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&SayExtractable))
        {
            Assert.Throws<KmsException>(() => _keystore.Create("acme", "p", KeyAlgorithm.Ed25519));
        }

        Assert.Equal(0, TokenKeyTests.CountObjects(_token));
        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        using (Replace(RawModule.GetAttributeValue, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&SayExtractable))
        {
            Assert.Throws<KmsException>(() => _keystore.Attest(key));
        }
    }

    [Theory]
    [InlineData(9)]
    [InlineData(int.MaxValue)]
    [InlineData(uint.MaxValue)]
    public void More_objects_than_were_asked_for_are_refused(uint said)
    {
        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        s_count = said;
        using (Replace(RawModule.FindObjects, (delegate* unmanaged[Cdecl]<CULong, CULong*, CULong, CULong*, CULong>)&FindMany))
        {
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => _keystore.Attest(key)).Error);
        }

        _keystore.Attest(key);
    }

    [Fact]
    public void Objects_without_end_are_not_read_to_the_end()
    {
        KeyId key = _keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        s_count = 1;
        using (Replace(RawModule.FindObjects, (delegate* unmanaged[Cdecl]<CULong, CULong*, CULong, CULong*, CULong>)&FindMany))
        {
            KmsException many = Assert.Throws<KmsException>(() => _keystore.Attest(key));
            Assert.Equal(KmsError.TokenUnavailable, many.Error);
            Assert.Contains("holds 8 objects", many.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(int.MaxValue)]
    [InlineData(uint.MaxValue)]
    public void More_slots_than_there_can_be_are_refused(uint said)
    {
        s_count = said;
        using (Replace(RawModule.GetSlotList, (delegate* unmanaged[Cdecl]<byte, CULong*, CULong*, CULong>)&ListMany))
        {
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => SoftHsm.Open(_uri)).Error);
        }

        SoftHsm.Open(_uri).Dispose();
    }

    [Fact]
    public void A_keystore_that_cannot_ask_what_the_token_can_do_gives_its_use_back()
    {
        using SessionCount sessions = new();
        Pkcs11Token token = SoftHsm.Open();
        using (Replace(RawModule.GetMechanismInfo, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_MECHANISM_INFO*, CULong>)&FailToTell))
        {
            using Keystore keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(token));
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.P256)).Error);
        }

        token.Dispose();
        Assert.Equal(0, sessions.Open);
    }

    [Fact]
    public void Another_token_in_the_same_slot_is_another_token()
    {
        s_slot = SoftHsm.Module.SlotOf(_token.Label);
        using (Replace(RawModule.GetTokenInfo, (delegate* unmanaged[Cdecl]<CULong, CK_TOKEN_INFO*, CULong>)&Rename))
        {
            using Pkcs11Token exchanged = SoftHsm.Open($"pkcs11:slot-id={s_slot.Value}?module-path={SoftHsm.Library}");
            Assert.Equal("another", exchanged.Label);
            Assert.NotSame(_token.Connection, exchanged.Connection);
        }
    }

    private static IDisposable Replace(int function, void* replacement)
    {
        s_before = SoftHsm.Module[function];
        return SoftHsm.Module.Replace(function, replacement);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FindOneByOne(CULong session, CULong* found, CULong room, CULong* count) =>
        ((delegate* unmanaged[Cdecl]<CULong, CULong*, CULong, CULong*, CULong>)s_before)(session, found, new CULong(1), count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FindMany(CULong session, CULong* found, CULong room, CULong* count)
    {
        *found = new CULong(1);
        *count = new CULong((nuint)s_count);
        return default;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong ListMany(byte present, CULong* slots, CULong* count)
    {
        *count = new CULong((nuint)s_count);
        return default;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FailToTell(CULong slot, CULong mechanism, CK_MECHANISM_INFO* info) => new((uint)CKR.CKR_GENERAL_ERROR);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong Rename(CULong slot, CK_TOKEN_INFO* info)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CK_TOKEN_INFO*, CULong>)s_before)(slot, info);
        Span<byte> label = info->label;
        if (slot.Equals(s_slot))
        {
            Encoding.ASCII.GetBytes("another".PadRight(32)).CopyTo(label);
        }

        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SayExtractable(CULong session, CULong target, CK_ATTRIBUTE* attributes, CULong count)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)s_before)(session, target, attributes, count);
        if (attributes[0].type.Value == CK.CKA_EXTRACTABLE)
        {
            *(byte*)attributes[0].pValue = s_byte;
        }

        return result;
    }
}

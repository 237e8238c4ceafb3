using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Keys;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Sealing;

namespace RonKms.Pkcs11.Tests.Tokens;

/// <summary>Single calls that a module refuses: what the caller hears, and that nothing is left behind.</summary>
public sealed unsafe class FailingCallTests : IDisposable
{
    private const int Initialize = 0;
    private const int GetMechanismInfo = 8;
    private const int GetSessionInfo = 15;
    private const int Encrypt = 30;

    private static nint s_before;
    private static int s_calls;

    private readonly ScratchDirectory _directory = new();
    private readonly byte[] _kek = new byte[32];
    private readonly string _uri = SoftHsm.NewToken();
    private readonly Pkcs11Token _token;

    public FailingCallTests()
    {
        _token = SoftHsm.Open(_uri);
        s_calls = 0;
    }

    public void Dispose()
    {
        _token.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Every_form_of_a_curves_name_is_tried_before_a_key_is_given_up()
    {
        using Keystore keystore = Open();
        using (Replace(
            RawModule.GenerateKeyPair,
            (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong*, CULong>)&KnowNoCurve))
        {
            Assert.Equal(KmsError.AlgUnavailable, Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519)).Error);
        }

        // With a private public object, and without.
        Assert.True(s_calls >= 4, $"{s_calls} calls");
        s_calls = 0;
        using (Replace(RawModule.CreateObject, (delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)&KnowNoCurveOfPrivateKeys))
        {
            Assert.Equal(KmsError.AlgUnavailable, Assert.Throws<KmsException>(() => keystore.Import("acme", "p", KeyAlgorithm.Ed25519, new byte[32])).Error);
        }

        Assert.True(s_calls >= 2, $"{s_calls} calls");
        Assert.Equal(0, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void An_aes_key_is_imported_with_as_few_attributes_as_the_token_takes()
    {
        using Keystore keystore = Open();
        KeyId key;
        using (Replace(RawModule.CreateObject, (delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)&RefuseUnneededUses))
        {
            key = keystore.Import("acme", "e", KeyAlgorithm.Aes256Gcm, new byte[32]);
        }

        Assert.Equal(1, s_calls);
        Assert.Equal("pkcs11", keystore.Get(key).Backend);
        using SecretBytes opened = keystore.Unwrap(key, keystore.Wrap(key, "m"u8, default), default);
        Assert.True(opened.Reveal().SequenceEqual("m"u8));
    }

    [Fact]
    public void Rsa_signs_messages_where_the_token_signs_no_digests()
    {
        using Keystore keystore = Open();
        KeyId key;
        using (Replace(GetMechanismInfo, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_MECHANISM_INFO*, CULong>)&KnowNoDigests))
        {
            key = keystore.Create("acme", "r", KeyAlgorithm.Rsa2048);
            foreach (RsaPadding padding in new[] { RsaPadding.Pss, RsaPadding.Pkcs1 })
            {
                SignOptions options = new() { RsaPadding = padding };
                Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8, options), options));
            }
        }

        Assert.True(s_calls >= 2, $"{s_calls} calls");
        Assert.Equal("pkcs11", keystore.Get(key).Backend);
    }

    [Fact]
    public void A_token_that_keeps_no_private_public_object_keeps_a_public_one_of_an_imported_key()
    {
        using Keystore keystore = Open();
        KeyId key;
        using (Replace(RawModule.CreateObject, (delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)&RefusePrivatePublicKeys))
        {
            key = keystore.Import("acme", "p", KeyAlgorithm.Ed25519, new byte[32]);
        }

        Assert.True(s_calls > 0);
        Assert.Equal(2, TokenKeyTests.CountObjects(_token));
        Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
    }

    [Fact]
    public void Blocks_that_are_not_encrypted_whole_wrap_nothing()
    {
        KeyId key;
        using (Keystore keystore = Open())
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        }

        using (Keystore keystore = Open())
        {
            // A key that is opened encrypts a block itself.
            for (int i = 0; i < 2; i++)
            {
                using (Replace(Encrypt, (delegate* unmanaged[Cdecl]<CULong, byte*, CULong, byte*, CULong*, CULong>)&EncryptLess))
                {
                    KmsException refusal = Assert.Throws<KmsException>(() => keystore.Wrap(key, "m"u8));
                    Assert.Equal(KmsError.TokenUnavailable, refusal.Error);
                    Assert.Contains("bytes to 8", refusal.Message, StringComparison.Ordinal);
                }

                using SecretBytes opened = keystore.Unwrap(key, keystore.Wrap(key, "m"u8));
                Assert.Equal("m"u8, opened.Reveal());
            }
        }
    }

    [Fact]
    public void A_module_that_does_not_start_is_unusable()
    {
        using (Replace(Initialize, (delegate* unmanaged[Cdecl]<void*, CULong>)&RunOutOfMemory))
        {
            KmsException refusal = Assert.Throws<KmsException>(() => SoftHsm.Open(_uri));
            Assert.Equal(KmsError.TokenUnavailable, refusal.Error);
            Assert.Contains("CKR_HOST_MEMORY", refusal.Message, StringComparison.Ordinal);
        }

        SoftHsm.Open(_uri).Dispose();
    }

    [Fact]
    public void A_module_that_cannot_be_ended_is_left()
    {
        _token.Dispose();
        SoftHsm.Module.FinalizeModule();
        using (Replace(RawModule.Finalize, (delegate* unmanaged[Cdecl]<void*, CULong>)&RunOutOfMemory))
        {
            // This library initialises it, and so is the one to end it.
            SoftHsm.Open(_uri).Dispose();
            Assert.Equal(1, s_calls);
        }

        _ = SoftHsm.Module.Functions.C_GetSlotList();
        SoftHsm.Open(_uri).Dispose();
    }

    [Fact]
    public void A_token_that_was_unplugged_is_looked_for_and_missed()
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        using (SoftHsm.Module.Replace(RawModule.Sign, (delegate* unmanaged[Cdecl]<CULong, byte*, CULong, byte*, CULong*, CULong>)&LoseDevice))
        using (SoftHsm.Module.Replace(RawModule.GetTokenInfo, (delegate* unmanaged[Cdecl]<CULong, CK_TOKEN_INFO*, CULong>)&FindNoToken))
        {
            KmsException refusal = Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8));
            Assert.Equal(KmsError.TokenUnavailable, refusal.Error);
            Assert.Contains("There is no initialised token", refusal.Message, StringComparison.Ordinal);
        }

        Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
    }

    [Fact]
    public void A_module_that_lists_no_slots_any_more_is_told_of()
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        SoftHsm.Module.CloseAllSessions(_token.Label);
        using (SoftHsm.Module.Replace(RawModule.GetSlotList, (delegate* unmanaged[Cdecl]<byte, CULong*, CULong*, CULong>)&ListNothing))
        {
            KmsException refusal = Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8));
            Assert.Equal(KmsError.TokenUnavailable, refusal.Error);
            Assert.Contains("CKR_GENERAL_ERROR", refusal.Message, StringComparison.Ordinal);
        }

        Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
    }

    [Fact]
    public void A_session_of_which_nothing_is_known_at_the_end_is_let_be()
    {
        using SessionCount sessions = new();
        Pkcs11Token token = SoftHsm.Open();
        string label = token.Label;
        using (SoftHsm.Module.Replace(GetSessionInfo, (delegate* unmanaged[Cdecl]<CULong, void*, CULong>)&KnowNoSession))
        {
            token.Dispose();
        }

        Assert.True(sessions.Open > 0);
        SoftHsm.Module.CloseAllSessions(label);
    }

    private Keystore Open() =>
        Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.FromBytes(_kek), new KeystoreOptions().UsePkcs11(_token, allowImport: true));

    private static IDisposable Replace(int function, void* replacement)
    {
        s_before = SoftHsm.Module[function];
        return SoftHsm.Module.Replace(function, replacement);
    }

    private static bool Says(CK_ATTRIBUTE* attributes, CULong count, uint type, byte value)
    {
        for (uint i = 0; i < (uint)count.Value; i++)
        {
            if (attributes[i].type.Value == type)
            {
                return *(byte*)attributes[i].pValue == value;
            }
        }

        return false;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong KnowNoCurve(
        CULong session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* first, CULong firstCount, CK_ATTRIBUTE* second, CULong secondCount, CULong* publicKey, CULong* privateKey)
    {
        s_calls++;
        return new((uint)CKR.CKR_CURVE_NOT_SUPPORTED);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong KnowNoCurveOfPrivateKeys(CULong session, CK_ATTRIBUTE* attributes, CULong count, CULong* created)
    {
        if (!Says(attributes, count, CK.CKA_CLASS, (byte)CK.CKO_PRIVATE_KEY))
        {
            return ((delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)s_before)(session, attributes, count, created);
        }

        s_calls++;
        return new((uint)CKR.CKR_CURVE_NOT_SUPPORTED);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong RefusePrivatePublicKeys(CULong session, CK_ATTRIBUTE* attributes, CULong count, CULong* created)
    {
        if (!Says(attributes, count, CK.CKA_CLASS, (byte)CK.CKO_PUBLIC_KEY) || !Says(attributes, count, CK.CKA_PRIVATE, 1))
        {
            return ((delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)s_before)(session, attributes, count, created);
        }

        s_calls++;
        return new((uint)CKR.CKR_TEMPLATE_INCONSISTENT);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong RefuseUnneededUses(CULong session, CK_ATTRIBUTE* attributes, CULong count, CULong* created)
    {
        if (!Says(attributes, count, CK.CKA_CLASS, (byte)CK.CKO_SECRET_KEY) || !Says(attributes, count, CK.CKA_SIGN, 0))
        {
            return ((delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)s_before)(session, attributes, count, created);
        }

        s_calls++;
        return new((uint)CKR.CKR_TEMPLATE_INCONSISTENT);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong KnowNoDigests(CULong slot, CULong mechanism, CK_MECHANISM_INFO* info)
    {
        if (mechanism.Value is not (CK.CKM_RSA_PKCS or CK.CKM_RSA_PKCS_PSS))
        {
            return ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_MECHANISM_INFO*, CULong>)s_before)(slot, mechanism, info);
        }

        s_calls++;
        return new((uint)CKR.CKR_MECHANISM_INVALID);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong EncryptLess(CULong session, byte* data, CULong length, byte* encrypted, CULong* encryptedLength)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, byte*, CULong, byte*, CULong*, CULong>)s_before)(session, data, length, encrypted, encryptedLength);
        if (*data != (byte)'R')
        {
            // Not the block that tells whether a handle is still the key's.
            *encryptedLength = new CULong(8);
        }

        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong RunOutOfMemory(void* arguments)
    {
        s_calls++;
        return new((uint)CKR.CKR_HOST_MEMORY);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong LoseDevice(CULong session, byte* data, CULong length, byte* signature, CULong* signatureLength) => new((uint)CKR.CKR_DEVICE_REMOVED);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FindNoToken(CULong slot, CK_TOKEN_INFO* info) => new((uint)CKR.CKR_DEVICE_REMOVED);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong ListNothing(byte present, CULong* slots, CULong* count) => new((uint)CKR.CKR_GENERAL_ERROR);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong KnowNoSession(CULong session, void* info) => new((uint)CKR.CKR_GENERAL_ERROR);
}

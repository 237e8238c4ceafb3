using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;

namespace RonKms.Pkcs11.Tests.Keys;

/// <summary>Keys that were made in the token and are not used.</summary>
public sealed unsafe class LeftKeyTests : IDisposable
{
    private static nint s_before;
    private static nint s_destroy;
    private static bool s_isSick;
    private static CULong? s_kept;
    private static string? s_label;

    private readonly Pkcs11Token _token = SoftHsm.Open();
    private readonly Keystore _keystore;

    public LeftKeyTests()
    {
        _keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_token));
        s_label = _token.Label;
    }

    public void Dispose()
    {
        _keystore.Dispose();
        _token.Dispose();
    }

    [Fact]
    public void A_key_is_there_once_though_the_session_was_lost_when_it_was_made()
    {
        KeyId key;
        using (Replace(
            RawModule.GenerateKeyPair, (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong*, CULong>)&MakeAndLoseOnce))
        {
            key = _keystore.Create("acme", "p", KeyAlgorithm.P256);
        }

        Assert.Equal(2, TokenKeyTests.CountObjects(_token));
        Assert.True(_keystore.Verify(key, "m"u8, _keystore.Sign(key, "m"u8)));
    }

    [Fact]
    public void A_key_encryption_key_is_there_once_though_the_session_was_lost_when_it_was_made()
    {
        using (Replace(RawModule.GenerateKey, (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CULong*, CULong>)&MakeOneAndLoseOnce))
        {
            _token.CreateKek("kek").Dispose();
        }

        Assert.Equal(1, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void What_was_refused_is_told_though_it_could_not_be_destroyed_and_is_destroyed_before_the_next_key_is_made()
    {
        using (Replace(RawModule.GetAttributeValue, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&SayNotLocal))
        using (TokenKeyTests.FailingToDestroy())
        {
            KmsException refusal = Assert.Throws<KmsException>(() => _keystore.Create("acme", "p", KeyAlgorithm.Ed25519));
            Assert.Equal(KmsError.AlgUnavailable, refusal.Error);
            Assert.Contains("CKA_LOCAL", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, TokenKeyTests.CountObjects(_token));
        _keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        Assert.Equal(1, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void What_the_token_keeps_keeps_no_other()
    {
        using (Replace(RawModule.GetAttributeValue, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&SayNotLocal))
        using (TokenKeyTests.FailingToDestroy())
        {
            Assert.Throws<KmsException>(() => _keystore.Create("acme", "p", KeyAlgorithm.P256));
            Assert.Throws<KmsException>(() => _keystore.Create("acme", "p", KeyAlgorithm.Ed25519));
        }

        s_destroy = SoftHsm.Module[RawModule.DestroyObject];
        s_kept = null;
        using (SoftHsm.Module.Replace(RawModule.DestroyObject, (delegate* unmanaged[Cdecl]<CULong, CULong, CULong>)&KeepTheFirst))
        {
            _keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        }

        Assert.Equal(2, TokenKeyTests.CountObjects(_token));
        _keystore.Dispose();
        Assert.Equal(1, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void What_could_not_be_destroyed_is_destroyed_at_the_end()
    {
        using (Replace(RawModule.GetAttributeValue, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&SayNotLocal))
        using (TokenKeyTests.FailingToDestroy())
        {
            Assert.Throws<KmsException>(() => _keystore.Create("acme", "p", KeyAlgorithm.Ed25519));
        }

        _keystore.Dispose();

        Assert.Equal(0, TokenKeyTests.CountObjects(_token));
    }

    [Fact]
    public void A_key_encryption_key_that_was_refused_and_could_not_be_destroyed_is_named()
    {
        s_destroy = SoftHsm.Module[RawModule.DestroyObject];
        s_isSick = false;
        using (Replace(RawModule.GetAttributeValue, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&SayNotLocal))
        using (SoftHsm.Module.Replace(RawModule.DestroyObject, (delegate* unmanaged[Cdecl]<CULong, CULong, CULong>)&FailWhenSick))
        {
            KmsException refusal = Assert.Throws<KmsException>(() => _token.CreateKek("kek"));
            Assert.Contains("'kek' may be left", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("CKA_LOCAL", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static IDisposable Replace(int function, void* replacement)
    {
        s_before = SoftHsm.Module[function];
        return SoftHsm.Module.Replace(function, replacement);
    }

    private static void LoseOnce()
    {
        if (s_label is { } label)
        {
            s_label = null;
            SoftHsm.Module.CloseAllSessions(label);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong MakeAndLoseOnce(
        CULong session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* first, CULong firstCount, CK_ATTRIBUTE* second, CULong secondCount, CULong* publicKey, CULong* privateKey)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong*, CULong>)s_before)(
            session, mechanism, first, firstCount, second, secondCount, publicKey, privateKey);
        LoseOnce();
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong MakeOneAndLoseOnce(CULong session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* template, CULong count, CULong* key)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CULong*, CULong>)s_before)(session, mechanism, template, count, key);
        LoseOnce();
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong KeepTheFirst(CULong session, CULong target)
    {
        s_kept ??= target;
        return s_kept.Value.Equals(target)
            ? new((uint)CKR.CKR_ACTION_PROHIBITED)
            : ((delegate* unmanaged[Cdecl]<CULong, CULong, CULong>)s_destroy)(session, target);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FailWhenSick(CULong session, CULong target) =>
        s_isSick ? new((uint)CKR.CKR_DEVICE_ERROR) : ((delegate* unmanaged[Cdecl]<CULong, CULong, CULong>)s_destroy)(session, target);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SayNotLocal(CULong session, CULong target, CK_ATTRIBUTE* attributes, CULong count)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)s_before)(session, target, attributes, count);
        if (attributes[0].type.Value == CK.CKA_LOCAL)
        {
            *(byte*)attributes[0].pValue = 0;
            s_isSick = true;
        }

        return result;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;

namespace RonKms.Pkcs11.Tests.Tokens;

/// <summary>Tokens on which wrapping cannot be tried.</summary>
public sealed unsafe class KeyWrappingTests : IDisposable
{
    private static nint s_before;
    private static CULong s_answer;

    private readonly Pkcs11Token _token = SoftHsm.Open();

    public void Dispose() => _token.Dispose();

    [Theory]
    [InlineData((uint)CKR.CKR_ACTION_PROHIBITED)]
    [InlineData((uint)CKR.CKR_ATTRIBUTE_VALUE_INVALID)]
    [InlineData((uint)CKR.CKR_FUNCTION_NOT_SUPPORTED)]
    [InlineData(0x80000082)]
    public void A_token_that_takes_no_secret_keys_from_outside_wraps_by_aes_gcm(uint answer)
    {
        using (Forbidding(answer))
        {
            Assert.Null(KeyWrapping.FindMechanism(_token.Connection));
            using KeyEncryptionKey kek = _token.CreateKek("kek");
            byte[] wrapped = kek.Wrap(new byte[32], out KekDescription description);
            Assert.Equal("aes-gcm", description.GetString("wrap"));
            Assert.True(kek.TryUnwrap(description, wrapped, new byte[32]));
        }

        Assert.NotNull(KeyWrapping.FindMechanism(_token.Connection));
    }

    [Theory]
    [InlineData((uint)CKR.CKR_GENERAL_ERROR)]
    [InlineData((uint)CKR.CKR_DEVICE_ERROR)]
    [InlineData((uint)CKR.CKR_DEVICE_MEMORY)]
    public void A_token_that_is_sick_does_not_pass_for_one_that_cannot_wrap(uint answer)
    {
        using (Forbidding(answer))
        {
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => _token.CreateKek("kek")).Error);
        }

        using KeyEncryptionKey kek = _token.CreateKek("kek");
        kek.Wrap(new byte[32], out KekDescription description);
        Assert.Equal("aes-kwp", description.GetString("wrap"));
    }

    [Theory]
    [InlineData(true, (uint)CKR.CKR_GENERAL_ERROR)]
    [InlineData(true, (uint)CKR.CKR_FUNCTION_FAILED)]
    [InlineData(false, (uint)CKR.CKR_GENERAL_ERROR)]
    [InlineData(false, (uint)CKR.CKR_FUNCTION_FAILED)]
    public void A_token_that_is_sick_is_told_from_a_wrapped_key_that_does_not_open(bool wraps, uint answer)
    {
        KeyEncryptionKey kek;
        using (wraps ? null : Forbidding((uint)CKR.CKR_ACTION_PROHIBITED))
        {
            kek = _token.CreateKek("kek");
        }

        using (kek)
        {
            byte[] wrapped = kek.Wrap(new byte[32], out KekDescription description);
            s_answer = new CULong(answer);
            using (SoftHsm.Module.Replace(wraps ? RawModule.UnwrapKey : RawModule.Decrypt, (delegate* unmanaged[Cdecl]<nint, nint, nint, nint, nint, nint, nint, nint, CULong>)&Answer))
            {
                Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => kek.TryUnwrap(description, wrapped, new byte[32])).Error);
            }

            Assert.True(kek.TryUnwrap(description, wrapped, new byte[32]));
            byte[] changed = [.. wrapped];
            changed[5] ^= 1;
            Assert.False(kek.TryUnwrap(description, changed, new byte[32]));
        }
    }

    private static IDisposable Forbidding(uint answer)
    {
        s_before = SoftHsm.Module[RawModule.CreateObject];
        s_answer = new CULong(answer);
        return SoftHsm.Module.Replace(RawModule.CreateObject, (delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)&Forbid);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong Answer(nint a, nint b, nint c, nint d, nint e, nint f, nint g, nint h) => s_answer;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong Forbid(CULong session, CK_ATTRIBUTE* template, CULong count, CULong* created)
    {
        for (nuint i = 0; i < count.Value; i++)
        {
            if (template[i].type.Value == CK.CKA_CLASS && ((CULong*)template[i].pValue)->Value == CK.CKO_SECRET_KEY)
            {
                return s_answer;
            }
        }

        return ((delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)s_before)(session, template, count, created);
    }
}

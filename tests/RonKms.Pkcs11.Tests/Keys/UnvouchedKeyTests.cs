using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;

namespace RonKms.Pkcs11.Tests.Keys;

/// <summary>A token that does not say what it should of the keys that it makes.</summary>
public sealed unsafe class UnvouchedKeyTests : IDisposable
{
    private static nint s_before;
    private static uint s_attribute;
    private static byte s_said;

    private readonly string _uri = SoftHsm.NewToken();
    private readonly Pkcs11Token _strict;
    private readonly Pkcs11Token _accepting;

    public UnvouchedKeyTests()
    {
        _strict = SoftHsm.Open(_uri);
        _accepting = Pkcs11Token.Open(_uri, System.Text.Encoding.UTF8.GetBytes(SoftHsm.Pin), acceptUnvouched: true);
    }

    public void Dispose()
    {
        _accepting.Dispose();
        _strict.Dispose();
    }

    [Fact]
    public void Is_accepted_without_a_word_of_where_a_key_is_from_by_who_asked_for_that_alone()
    {
        using Keystore strict = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_strict));
        using Keystore accepting = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_accepting));
        using IDisposable lie = Say(CK.CKA_LOCAL, 0);

        Assert.Contains("CKA_LOCAL", Assert.Throws<KmsException>(() => strict.Create("acme", "p", KeyAlgorithm.P256)).Message, StringComparison.Ordinal);
        Assert.Throws<KmsException>(() => _strict.CreateKek("kek"));
        KeyId key = accepting.Create("acme", "p", KeyAlgorithm.P256);
        _accepting.CreateKek("kek").Dispose();

        Assert.True(accepting.Verify(key, "m"u8, accepting.Sign(key, "m"u8)));
        using JsonDocument attestation = JsonDocument.Parse(accepting.Attest(key).Json);
        Assert.Equal("0", attestation.RootElement.GetProperty("custody").GetProperty("local").GetString());
        Assert.Throws<KmsException>(() => _strict.OpenKek("kek"));
        _accepting.OpenKek("kek").Dispose();
    }

    [Fact]
    public void Is_accepted_where_it_does_not_know_of_where_a_key_is_from()
    {
        using Keystore strict = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_strict));
        using Keystore accepting = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_accepting));
        s_before = SoftHsm.Module[RawModule.GetAttributeValue];
        using IDisposable ignorance = SoftHsm.Module.Replace(
            RawModule.GetAttributeValue, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&KnowNoLocal);

        Assert.Contains("CKA_LOCAL is not true", Assert.Throws<KmsException>(() => strict.Create("acme", "p", KeyAlgorithm.P256)).Message, StringComparison.Ordinal);
        KeyId key = accepting.Create("acme", "p", KeyAlgorithm.P256);

        using JsonDocument attestation = JsonDocument.Parse(accepting.Attest(key).Json);
        Assert.Equal("0", attestation.RootElement.GetProperty("custody").GetProperty("local").GetString());
    }

    [Theory]
    [InlineData(CK.CKA_PRIVATE, 0)]
    [InlineData(CK.CKA_SENSITIVE, 0)]
    [InlineData(CK.CKA_ALWAYS_SENSITIVE, 0)]
    [InlineData(CK.CKA_EXTRACTABLE, 1)]
    [InlineData(CK.CKA_NEVER_EXTRACTABLE, 0)]
    public void Is_refused_by_everybody_where_a_key_could_leave_it(uint attribute, byte said)
    {
        using Keystore accepting = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_accepting));
        using IDisposable lie = Say(attribute, said);

        Assert.Equal(KmsError.AlgUnavailable, Assert.Throws<KmsException>(() => accepting.Create("acme", "p", KeyAlgorithm.P256)).Error);
        Assert.Equal(KmsError.AlgUnavailable, Assert.Throws<KmsException>(() => _accepting.CreateKek("kek")).Error);
        Assert.Equal(0, TokenKeyTests.CountObjects(_accepting));
    }

    private static IDisposable Say(uint attribute, byte said)
    {
        s_attribute = attribute;
        s_said = said;
        s_before = SoftHsm.Module[RawModule.GetAttributeValue];
        return SoftHsm.Module.Replace(
            RawModule.GetAttributeValue, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&SayOtherwise);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong KnowNoLocal(CULong session, CULong target, CK_ATTRIBUTE* attributes, CULong count) =>
        attributes[0].type.Value == CK.CKA_LOCAL
            ? new((uint)CKR.CKR_ATTRIBUTE_TYPE_INVALID)
            : ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)s_before)(session, target, attributes, count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SayOtherwise(CULong session, CULong target, CK_ATTRIBUTE* attributes, CULong count)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)s_before)(session, target, attributes, count);
        if (attributes[0].type.Value == s_attribute)
        {
            *(byte*)attributes[0].pValue = s_said;
        }

        return result;
    }
}

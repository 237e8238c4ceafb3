using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;

namespace RonKms.Pkcs11.Tests.Keys;

/// <summary>The public objects beside private keys: nobody without the PIN gets at them, where the token has it so.</summary>
public sealed unsafe class PublicObjectTests : IDisposable
{
    private static nint s_before;

    private readonly byte[] _kek = new byte[32];
    private readonly ScratchDirectory _directory = new();
    private readonly Pkcs11Token _token = SoftHsm.Open();

    public void Dispose()
    {
        _token.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("p256")]
    [InlineData("rsa2048")]
    public void Are_private_and_a_public_double_is_passed_over(string name)
    {
        KeyId key = Make(name);
        (CULong found, byte[] id) = Assert.Single(PublicObjects(isPrivate: true));
        Assert.Empty(PublicObjects(isPrivate: false));

        Copy(found, id, isPrivate: false);
        Copy(found, id, isPrivate: false);

        Assert.Equal(2, PublicObjects(isPrivate: false).Length);
        RequireWorking(key);
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("p256")]
    public void That_are_public_as_earlier_versions_made_them_still_serve(string name)
    {
        KeyId key = Make(name);
        (CULong found, byte[] id) = Assert.Single(PublicObjects(isPrivate: true));

        Copy(found, id, isPrivate: false);
        _token.Connection.Do(found, static (functions, session, target) =>
        {
            functions.C_DestroyObject(session, target);
            return true;
        });

        Assert.Empty(PublicObjects(isPrivate: true));
        RequireWorking(key);
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("rsa2048")]
    public void Are_public_where_the_token_refuses_private_ones(string name)
    {
        s_before = SoftHsm.Module[RawModule.GenerateKeyPair];
        KeyId key;
        using (SoftHsm.Module.Replace(
            RawModule.GenerateKeyPair,
            (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong*, CULong>)&RefusePrivate))
        {
            key = Make(name);
        }

        Assert.Single(PublicObjects(isPrivate: false));
        Assert.Empty(PublicObjects(isPrivate: true));
        RequireWorking(key);
    }

    [Fact]
    public void Are_private_too_where_the_key_was_imported()
    {
        using Keystore keystore = Open();
        keystore.Import("acme", "p", KeyAlgorithm.Ed25519, new byte[32]);

        Assert.Single(PublicObjects(isPrivate: true));
        Assert.Empty(PublicObjects(isPrivate: false));
    }

    private KeyId Make(string name)
    {
        using Keystore keystore = Open();
        return keystore.Create("acme", "p", KeyAlgorithm.FindByName(name)!);
    }

    private void RequireWorking(KeyId key)
    {
        using Keystore keystore = Open();
        Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
        keystore.Destroy(key);
        Assert.Equal(0, TokenKeyTests.CountObjects(_token));
    }

    private Keystore Open() =>
        Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.FromBytes(_kek), new KeystoreOptions().UsePkcs11(_token, allowImport: true));

    private (CULong Handle, byte[] Id)[] PublicObjects(bool isPrivate) => _token.Connection.Do(isPrivate, static (functions, session, wanted) =>
    {
        using AttributeTemplate template = new();
        template.AddNumber(CK.CKA_CLASS, CK.CKO_PUBLIC_KEY).Add(CK.CKA_PRIVATE, wanted);
        return TokenObject.Find(functions, session, template).Select(handle =>
        {
            byte[] id = new byte[16];
            functions.C_GetAttributeValue(session, handle, CK.CKA_ID, id);
            return (handle, id);
        }).ToArray();
    });

    /// <summary>Puts an object of the same kind and CKA_ID beside one; of a curve, with the same point.</summary>
    private void Copy(CULong original, byte[] id, bool isPrivate) => _token.Connection.Do((original, id, isPrivate), static (functions, session, work) =>
    {
        CULong type = default;
        functions.C_GetAttributeValue(session, work.original, CK.CKA_KEY_TYPE, MemoryMarshal.AsBytes(new Span<CULong>(ref type)));
        using AttributeTemplate template = new(4096);
        template.AddNumber(CK.CKA_CLASS, CK.CKO_PUBLIC_KEY).AddNumber(CK.CKA_KEY_TYPE, (uint)type.Value)
            .Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, work.isPrivate).Add(CK.CKA_ID, work.id);
        byte[] value = new byte[1024];
        foreach (uint attribute in type.Value == CK.CKK_RSA ? new[] { CK.CKA_MODULUS, CK.CKA_PUBLIC_EXPONENT } : [CK.CKA_EC_PARAMS, CK.CKA_EC_POINT])
        {
            template.Add(attribute, value.AsSpan(0, functions.C_GetAttributeValue(session, work.original, attribute, value)));
        }

        return functions.C_CreateObject(session, template);
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong RefusePrivate(
        CULong session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* first, CULong firstCount, CK_ATTRIBUTE* second, CULong secondCount, CULong* publicKey, CULong* privateKey)
    {
        for (uint i = 0; i < (uint)firstCount.Value; i++)
        {
            if (first[i].type.Value == CK.CKA_PRIVATE && *(byte*)first[i].pValue != 0)
            {
                return new((uint)CKR.CKR_TEMPLATE_INCONSISTENT);
            }
        }

        return ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong*, CULong>)s_before)(
            session, mechanism, first, firstCount, second, secondCount, publicKey, privateKey);
    }
}

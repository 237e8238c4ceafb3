using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;

namespace RonKms.Pkcs11.Tests.Tokens;

/// <summary>Somebody else in this process initialises the module anew, and gets the numbers of our sessions and objects for others.</summary>
public sealed unsafe class ForeignModuleTests : IDisposable
{
    private static readonly nint[] s_before = new nint[68];
    private static CULong s_session;
    private static CULong s_key;
    private static CULong s_wrongKey;
    private static int s_calls;

    private readonly List<IDisposable> _replaced = [];
    private readonly List<CULong> _theirs = [];
    private Pkcs11Token? _token;
    private Keystore? _keystore;

    public ForeignModuleTests()
    {
        _ = SoftHsm.Library;

        // Numbers begin anew, so that those of this test are few.
        SoftHsm.Module.FinalizeModule();
        SoftHsm.Module.Initialize();
        Replace(RawModule.SignInit, &SeeSignInit);
        Replace(RawModule.EncryptInit, &SeeEncryptInit);
    }

    public void Dispose()
    {
        _keystore?.Dispose();
        _token?.Dispose();
        _replaced.ForEach(one => one.Dispose());
        _theirs.ForEach(session => SoftHsm.Module.Functions.C_CloseSession(session));
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("p256")]
    [InlineData("rsa2048")]
    public void Another_key_that_got_the_number_of_ours_does_not_sign_for_it(string name)
    {
        KeyAlgorithm algorithm = name switch { "ed25519" => KeyAlgorithm.Ed25519, "p256" => KeyAlgorithm.P256, _ => KeyAlgorithm.Rsa2048 };
        Open();
        KeyId key = _keystore!.Create("acme", "p", algorithm);
        KeyId other = _keystore.Create("acme", "q", algorithm);
        _keystore.Sign(key, "m"u8);

        GiveNumbersTo(other);

        Assert.True(_keystore.Verify(key, "m"u8, _keystore.Sign(key, "m"u8)));
        AllTheirsAreOpen();
    }

    [Fact]
    public void Another_key_that_got_the_number_of_ours_does_not_wrap_for_it()
    {
        Open();
        KeyId key = _keystore!.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        KeyId other = _keystore.Create("acme", "q", KeyAlgorithm.Aes256Gcm);
        byte[] before = _keystore.Wrap(key, "m"u8);

        GiveNumbersTo(other);

        byte[] after = _keystore.Wrap(key, "m"u8);
        SoftHsm.Module.CloseAllSessions(_token!.Label);
        _theirs.Clear();
        foreach (byte[] wrapped in new[] { before, after })
        {
            using SecretBytes opened = _keystore.Unwrap(key, wrapped);
            Assert.Equal("m"u8, opened.Reveal());
        }
    }

    [Fact]
    public void Where_the_token_takes_no_mark_a_key_is_looked_up_each_time()
    {
        OpenUnmarked();
        KeyId key = _keystore!.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId other = _keystore.Create("acme", "q", KeyAlgorithm.Ed25519);
        _keystore.Sign(key, "m"u8);

        GiveNumbersTo(other);

        Assert.True(_keystore.Verify(key, "m"u8, _keystore.Sign(key, "m"u8)));
    }

    [Fact]
    public void What_is_not_found_in_a_session_that_became_another_tokens_is_looked_for_in_ours()
    {
        string elsewhere = SoftHsm.NewToken();
        Open();
        KeyId key = _keystore!.Create("acme", "p", KeyAlgorithm.Ed25519);
        _keystore.Sign(key, "m"u8);

        SoftHsm.Module.FinalizeModule();
        SoftHsm.Module.Initialize();
        OpenTheirs(LoginTests.Label(elsewhere), (ulong)s_key.Value);

        KeyId made = _keystore.Create("acme", "q", KeyAlgorithm.Ed25519);
        Assert.True(_keystore.Verify(made, "m"u8, _keystore.Sign(made, "m"u8)));
        Assert.True(_keystore.Verify(key, "m"u8, _keystore.Sign(key, "m"u8)));
        AllTheirsAreOpen();
        foreach (CULong session in _theirs)
        {
            using AttributeTemplate template = new();
            Assert.Empty(TokenObject.Find(SoftHsm.Module.Functions, session, template.AddNumber(CK.CKA_CLASS, CK.CKO_PRIVATE_KEY)));
        }
    }

    [Fact]
    public void After_one_token_initialised_the_module_the_numbers_of_another_are_not_tried()
    {
        OpenUnmarked();
        KeyId key = _keystore!.Create("acme", "p", KeyAlgorithm.Ed25519);
        _keystore.Sign(key, "m"u8);
        using Pkcs11Token second = SoftHsm.Open();
        using Keystore theirs = Keystore.InMemory(new KeystoreOptions().UsePkcs11(second));
        KeyId theirKey = theirs.Create("acme", "p", KeyAlgorithm.Ed25519);

        SoftHsm.Module.FinalizeModule();
        Assert.True(theirs.Verify(theirKey, "m"u8, theirs.Sign(theirKey, "m"u8)));
        s_calls = 0;

        Assert.True(_keystore.Verify(key, "m"u8, _keystore.Sign(key, "m"u8)));
        // The trial of the key that was looked up anew, and the signature.
        Assert.Equal(2, s_calls);

        // As the tests found it.
        theirs.Dispose();
        second.Dispose();
        _keystore.Dispose();
        _token!.Dispose();
        SoftHsm.Module.Initialize();
    }

    [Fact]
    public void A_signature_by_another_key_is_made_again_and_not_given_out()
    {
        Open();
        KeyId key = _keystore!.Create("acme", "p", KeyAlgorithm.Rsa2048);
        KeyId other = _keystore.Create("acme", "q", KeyAlgorithm.Rsa2048);
        _keystore.Sign(other, "m"u8);
        s_wrongKey = s_key;
        _keystore.Sign(key, "m"u8);
        s_calls = 0;

        using (SoftHsm.Module.Replace(RawModule.SignInit, (delegate* unmanaged[Cdecl]<CULong, nint, CULong, CULong>)&SignByAnotherOnce))
        {
            Assert.True(_keystore.Verify(key, "m"u8, _keystore.Sign(key, "m"u8)));
            Assert.Equal(2, s_calls);
        }

        using (SoftHsm.Module.Replace(RawModule.SignInit, (delegate* unmanaged[Cdecl]<CULong, nint, CULong, CULong>)&SignByAnother))
        {
            KmsException wrong = Assert.Throws<KmsException>(() => _keystore.Sign(key, "m"u8));
            Assert.Equal(KmsError.TokenUnavailable, wrong.Error);
            Assert.Contains("does not verify", wrong.Message, StringComparison.Ordinal);
        }

        Assert.True(_keystore.Verify(key, "m"u8, _keystore.Sign(key, "m"u8)));
    }

    private void Open()
    {
        _token = SoftHsm.Open();
        _keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(_token));
    }

    private void OpenUnmarked()
    {
        using (SoftHsm.Module.Replace(RawModule.CreateObject, (delegate* unmanaged[Cdecl]<nint, nint, nint, nint, CULong>)&Forbid))
        {
            Open();
        }
    }

    /// <summary>Initialises the module anew, so that the numbers of what the last operation used are those of good sessions and of another key.</summary>
    private void GiveNumbersTo(KeyId other)
    {
        byte[] id = CkaId(other);
        CULong key = s_key;
        Assert.True(s_session.Value < key.Value);
        SoftHsm.Module.FinalizeModule();
        SoftHsm.Module.Initialize();
        OpenTheirs(_token!.Label, (ulong)key.Value - 1);
        uint secretClass = other.Algorithm == KeyAlgorithm.Aes256Gcm ? CK.CKO_SECRET_KEY : CK.CKO_PRIVATE_KEY;
        Assert.Equal(key, Assert.Single(TokenObject.Find(SoftHsm.Module.Functions, _theirs[0], secretClass, id)));
    }

    private void OpenTheirs(string label, ulong last)
    {
        CULong slot = SoftHsm.Module.SlotOf(label);
        do
        {
            _theirs.Add(SoftHsm.Module.Functions.C_OpenSession(slot));
        }
        while (_theirs[^1].Value < last);
        SoftHsm.Module.Functions.C_Login(_theirs[0], Encoding.UTF8.GetBytes(SoftHsm.Pin));
    }

    private void AllTheirsAreOpen() =>
        Assert.All(_theirs, session => Assert.Equal(CK.CKS_RW_USER_FUNCTIONS, SoftHsm.Module.Functions.C_GetSessionInfo(session).state.Value));

    private byte[] CkaId(KeyId key)
    {
        using JsonDocument attestation = JsonDocument.Parse(_keystore!.Attest(key).Json);
        return Convert.FromHexString(attestation.RootElement.GetProperty("custody").GetProperty("id").GetString()!);
    }

    private void Replace(int function, delegate* unmanaged[Cdecl]<CULong, nint, CULong, CULong> replacement)
    {
        s_before[function] = SoftHsm.Module[function];
        _replaced.Add(SoftHsm.Module.Replace(function, replacement));
    }

    private static CULong See(int function, CULong session, nint mechanism, CULong key)
    {
        s_calls++;
        (s_session, s_key) = (session, key);
        return ((delegate* unmanaged[Cdecl]<CULong, nint, CULong, CULong>)s_before[function])(session, mechanism, key);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SeeSignInit(CULong session, nint mechanism, CULong key) => See(RawModule.SignInit, session, mechanism, key);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SeeEncryptInit(CULong session, nint mechanism, CULong key) => See(RawModule.EncryptInit, session, mechanism, key);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SignByAnother(CULong session, nint mechanism, CULong key) => See(RawModule.SignInit, session, mechanism, s_wrongKey);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SignByAnotherOnce(CULong session, nint mechanism, CULong key) =>
        See(RawModule.SignInit, session, mechanism, s_calls == 0 ? s_wrongKey : key);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong Forbid(nint session, nint template, nint count, nint created) => new((uint)CKR.CKR_ACTION_PROHIBITED);
}

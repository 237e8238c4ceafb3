using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;

namespace RonKms.Pkcs11.Tests.Keys;

/// <summary>Stores whose place names a token.</summary>
public sealed unsafe class TokenPlaceTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly string _place;

    public TokenPlaceTests()
    {
        string[] uri = SoftHsm.NewToken().Split('?');
        File.WriteAllText(_directory["pin"], SoftHsm.Pin);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_directory["pin"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        _place = $"{uri[0]};x-store={_directory.Store}?{uri[1]}&pin-source=file:{_directory["pin"]}";
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_place_names_backend_key_and_store()
    {
        KeyId key;
        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Open(_place)).Error);
        using (Keystore keystore = Open(_place, create: "1"))
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
            Assert.Equal("pkcs11", keystore.Get(key).Backend);
        }

        using (Keystore keystore = Open(_place))
        {
            Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
        }

        Assert.Contains("\"kind\":\"pkcs11\"", File.ReadAllText(_directory["store/store.json"]), StringComparison.Ordinal);
        Assert.Contains("object=ronkms-kek", File.ReadAllText(_directory["store/store.json"]), StringComparison.Ordinal);
        Assert.DoesNotContain("module-path", File.ReadAllText(_directory["store/store.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pin_that_a_container_platform_mounts_is_taken_where_the_settings_say_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_directory["pin"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        }

        KmsException refusal = Assert.Throws<KmsException>(() => Open(_place, create: "1"));
        Assert.Equal(KmsError.PermissionsTooWide, refusal.Error);
        Assert.Contains("RON_KMS_KEK_MOUNTED", refusal.Message, StringComparison.Ordinal);

        Keystore.Open(new KeystoreSettings { Store = _place, Create = "1", KekMounted = "1" }, new KeystoreOptions().UsePkcs11()).Dispose();
    }

    [Fact]
    public void The_anchor_may_be_in_the_same_token()
    {
        using SessionCount sessions = new();
        KeyId key;
        using (Keystore keystore = Open(_place, create: "1", anchor: "token"))
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
            Assert.Equal("anchored:token", keystore.Assurance);
        }

        byte[] journal = File.ReadAllBytes(_directory["store/g1/journal.jsonl"]);
        using (Keystore keystore = Open(_place, anchor: "token"))
        {
            Assert.True(keystore.Verify(key, "m"u8, keystore.Sign(key, "m"u8)));
            keystore.Disable(key);
        }

        using (Keystore keystore = Open(_place, anchor: "token", readOnly: "1"))
        {
            Assert.Equal(KeyState.Disabled, keystore.Get(key).State);
        }

        Assert.Equal(KmsError.Rollback, Assert.Throws<KmsException>(() => Open(_place)).Error);
        File.WriteAllBytes(_directory["store/g1/journal.jsonl"], journal);
        Assert.Contains("older copy", Assert.Throws<KmsException>(() => Open(_place, anchor: "token")).Message, StringComparison.Ordinal);
        Assert.Equal(0, sessions.Open);
    }

    [Fact]
    public void Nothing_is_left_open_where_the_store_cannot_be_opened()
    {
        using SessionCount sessions = new();
        Directory.CreateDirectory(_directory["store"]);
        File.WriteAllText(_directory["store/something"], "else");

        Assert.Throws<KmsException>(() => Open(_place, create: "1"));

        Assert.Equal(0, sessions.Open);
    }

    [Fact]
    public void Nothing_is_left_open_where_the_token_does_not_tell_what_it_can_do()
    {
        using SessionCount sessions = new();
        Open(_place, create: "1").Dispose();
        using (SoftHsm.Module.Replace(RawModule.GetMechanismInfo, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_MECHANISM_INFO*, CULong>)&FailToTell))
        {
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => Open(_place)).Error);
        }

        Assert.Equal(0, sessions.Open);
        Open(_place).Dispose();
    }

    [Theory]
    [InlineData("pkcs11:token=x", "x-store=file:PATH")]
    [InlineData("pkcs11:token=x;x-store=memory:", "x-store=file:PATH")]
    [InlineData("pkcs11:token=x;x-store=file:relative", "full path")]
    [InlineData("pkcs11:token=x;id=%01;x-store=file:/x", "named by object")]
    [InlineData("pkcs11:token=x;x-store=file:/x?pin-value=1", "pin-value")]
    public void A_place_that_is_not_whole_is_refused_with_what_is_missing(string place, string says)
    {
        string message = Assert.Throws<ArgumentException>(() => Open(place)).Message;

        Assert.StartsWith("RON_KMS_STORE must be", message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_file_or_a_backend_of_its_own_does_not_go_with_it()
    {
        KeystoreSettings settings = new() { Store = _place, KekFile = "/etc/kek" };
        Assert.Contains("RON_KMS_KEK_FILE", Assert.Throws<ArgumentException>(() => Keystore.Open(settings, new KeystoreOptions().UsePkcs11())).Message, StringComparison.Ordinal);

        using Pkcs11Token token = Pkcs11Token.Open(_place.Replace($";x-store={_directory.Store}", "", StringComparison.Ordinal), Encoding.UTF8.GetBytes(SoftHsm.Pin));
        KeystoreOptions options = new KeystoreOptions().UsePkcs11().UsePkcs11(token);
        Assert.Throws<ArgumentException>(() => Keystore.Open(new KeystoreSettings { Store = _place }, options));
        Assert.Throws<InvalidOperationException>(() => options.UsePkcs11(token));
        options.Backend!.Dispose();
    }

    private static Keystore Open(string place, string? create = null, string? anchor = null, string? readOnly = null) =>
        Keystore.Open(new KeystoreSettings { Store = place, Create = create, Anchor = anchor, ReadOnly = readOnly }, new KeystoreOptions().UsePkcs11());

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FailToTell(CULong slot, CULong mechanism, CK_MECHANISM_INFO* info) => new((uint)CKR.CKR_GENERAL_ERROR);
}

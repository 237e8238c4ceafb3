using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;

namespace RonKms.Pkcs11.Tests.Tokens;

public sealed unsafe class LoginTests : IDisposable
{
    private static nint s_login;
    private static nint s_info;
    private static uint s_flag;
    private static int s_logins;
    private static CKR s_loginAnswer;

    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_token_says_who_it_is()
    {
        using Pkcs11Token token = SoftHsm.Open();

        Assert.StartsWith("token-", token.Label, StringComparison.Ordinal);
        Assert.Equal(16, token.SerialNumber.Length);
        Assert.Equal("SoftHSM project", token.Manufacturer);
        Assert.Equal("SoftHSM v2", token.Model);
    }

    [Fact]
    public void A_token_is_found_by_any_of_its_names_and_by_slot()
    {
        string uri = SoftHsm.NewToken();
        string path = uri[uri.IndexOf('?', StringComparison.Ordinal)..];
        string label = Label(uri);
        CULong slot = SoftHsm.Module.SlotOf(label);
        using Pkcs11Token token = SoftHsm.Open(uri);

        foreach (string name in new[] { $"serial={token.SerialNumber}", $"slot-id={slot.Value}", $"token={label};manufacturer=SoftHSM%20project;model=SoftHSM%20v2" })
        {
            using Pkcs11Token again = SoftHsm.Open("pkcs11:" + name + path);
            Assert.Equal(token.SerialNumber, again.SerialNumber);
        }
    }

    [Fact]
    public void A_token_that_is_not_there_or_not_the_only_one_is_named()
    {
        _ = SoftHsm.NewToken();
        _ = SoftHsm.NewToken();

        KmsException missing = Assert.Throws<KmsException>(() => SoftHsm.Open($"pkcs11:token=nobody?module-path={SoftHsm.Library}"));
        KmsException several = Assert.Throws<KmsException>(() => SoftHsm.Open($"pkcs11:model=SoftHSM%20v2?module-path={SoftHsm.Library}"));

        Assert.Equal(KmsError.TokenUnavailable, missing.Error);
        Assert.Contains("(asked for: token 'nobody')", missing.Message, StringComparison.Ordinal);
        Assert.Contains("serial number", several.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_pin_is_denied_and_not_repeated()
    {
        string uri = SoftHsm.NewToken();

        KmsException refusal = Assert.Throws<KmsException>(() => Pkcs11Token.Open(uri, "incorrect pony"u8));

        Assert.Equal(KmsError.Denied, refusal.Error);
        Assert.False(refusal.IsRetryable);
        Assert.Contains("CKR_PIN_INCORRECT", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("incorrect pony", refusal.ToString(), StringComparison.Ordinal);
        SoftHsm.Open(uri).Dispose();
    }

    [Theory]
    [InlineData("CKR_PIN_INCORRECT", "right one")]
    [InlineData("CKR_PIN_LOCKED", "security officer")]
    [InlineData("CKR_PIN_EXPIRED", "new PIN")]
    public void A_pin_that_is_refused_once_is_never_tried_again(string code, string next)
    {
        string uri = SoftHsm.NewToken();
        using Pkcs11Token token = SoftHsm.Open(uri);
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(token));
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        s_logins = 0;
        s_loginAnswer = Enum.Parse<CKR>(code);
        using (SoftHsm.Module.Replace(RawModule.Login, (delegate* unmanaged[Cdecl]<CULong, CULong, byte*, CULong, CULong>)&AnswerLogin))
        {
            SoftHsm.Module.CloseAllSessions(token.Label);
            for (int i = 0; i < 5; i++)
            {
                KmsException refusal = Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8));
                Assert.Equal(KmsError.Denied, refusal.Error);
                Assert.Contains(code, refusal.Message, StringComparison.Ordinal);
                Assert.Contains(next, refusal.Message, StringComparison.Ordinal);
            }
        }

        // The PIN would do again, but nobody knows.
        Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8));
        Assert.Equal(1, s_logins);
    }

    [Fact]
    public void A_pin_that_was_refused_is_not_tried_again_in_this_process()
    {
        string uri = SoftHsm.NewToken();
        using (CountingLogins())
        {
            Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => Pkcs11Token.Open(uri, "incorrect pony"u8)).Error);
            for (int i = 0; i < 5; i++)
            {
                KmsException again = Assert.Throws<KmsException>(() => Pkcs11Token.Open(uri, "incorrect pony"u8));
                Assert.Equal(KmsError.Denied, again.Error);
                Assert.Contains("CKR_PIN_INCORRECT, earlier in this process", again.Message, StringComparison.Ordinal);
            }

            Assert.Equal(1, s_logins);

            // Another PIN for this token, and this PIN for another token, are tried.
            Assert.Throws<KmsException>(() => Pkcs11Token.Open(uri, "incorrect foal"u8));
            Assert.Throws<KmsException>(() => Pkcs11Token.Open(SoftHsm.NewToken(), "incorrect pony"u8));
            SoftHsm.Open(uri).Dispose();
            Assert.Equal(4, s_logins);
        }
    }

    [Theory]
    [InlineData(CK.CKF_USER_PIN_FINAL_TRY, "by the token's own tool")]
    [InlineData(CK.CKF_USER_PIN_LOCKED, "security officer")]
    public void A_token_that_would_lock_or_has_locked_its_pin_is_not_tried(uint flag, string next)
    {
        // SoftHSM never locks a PIN, so its answer is put in its place.
        string uri = SoftHsm.NewToken();
        using Pkcs11Token token = SoftHsm.Open(uri);
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(token));
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        string other = SoftHsm.NewToken();
        using SessionCount sessions = new();
        s_info = SoftHsm.Module[RawModule.GetTokenInfo];
        s_flag = flag;
        using (CountingLogins())
        {
            using (SoftHsm.Module.Replace(RawModule.GetTokenInfo, (delegate* unmanaged[Cdecl]<CULong, CK_TOKEN_INFO*, CULong>)&AddFlag))
            {
                KmsException refusal = Assert.Throws<KmsException>(() => SoftHsm.Open(other));
                Assert.Equal(KmsError.Denied, refusal.Error);
                Assert.Contains(next, refusal.Message, StringComparison.Ordinal);
                SoftHsm.Module.CloseAllSessions(token.Label);
                Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8)).Error);
                Assert.Equal(0, s_logins);
                Assert.Equal(0, sessions.Open);
            }

            // Nothing was refused: once the token is well, it is used again.
            keystore.Sign(key, "m"u8);
            SoftHsm.Open(other).Dispose();
            Assert.Equal(2, s_logins);
        }
    }

    [Fact]
    public void After_disposal_nothing_is_left_logged_in_or_open()
    {
        string uri = SoftHsm.NewToken();
        using SessionCount sessions = new();
        Pkcs11Token token = SoftHsm.Open(uri);
        using (Keystore keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(token)))
        {
            keystore.Sign(keystore.Create("acme", "p", KeyAlgorithm.Ed25519), "m"u8);
            token.Dispose();

            // The keystore has its own use of the login.
            keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
            Assert.True(sessions.Open > 0);
        }

        Assert.Equal(0, sessions.Open);
        CULong session = SoftHsm.Module.Functions.C_OpenSession(SoftHsm.Module.SlotOf(Label(uri)));
        Assert.NotEqual(CK.CKS_RW_USER_FUNCTIONS, SoftHsm.Module.Functions.C_GetSessionInfo(session).state.Value);
        SoftHsm.Module.Functions.C_CloseSession(session);
        Assert.Throws<ObjectDisposedException>(() => token.OpenKek("x"));
    }

    [Fact]
    public void A_keystore_that_cannot_be_opened_gives_its_use_of_the_token_back()
    {
        using SessionCount sessions = new();
        using (Pkcs11Token token = SoftHsm.Open())
        {
            KmsException missing = Assert.Throws<KmsException>(() => Keystore.Open(
                _directory.Store, RonKms.Sealing.KeyEncryptionKey.Ephemeral(), new KeystoreOptions().UsePkcs11(token)));
            Assert.Equal(KmsError.StoreNotFound, missing.Error);
            Assert.Throws<ArgumentException>(() => Keystore.Open(
                _directory.Store, RonKms.Sealing.KeyEncryptionKey.Ephemeral(), new KeystoreOptions { OpenedKeyLimit = 0 }.UsePkcs11(token)));
        }

        Assert.Equal(0, sessions.Open);
    }

    [Fact]
    public void A_pin_that_is_given_nowhere_is_not_tried() =>
        Assert.Contains("KMS_PKCS11_PIN", Assert.Throws<ArgumentException>(() => Pkcs11Token.Open(SoftHsm.NewToken())).Message, StringComparison.Ordinal);

    [Fact]
    public void A_shared_login_does_not_let_another_pin_in()
    {
        string uri = SoftHsm.NewToken();
        using Pkcs11Token token = SoftHsm.Open(uri);

        Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => Pkcs11Token.Open(uri, "incorrect pony"u8)).Error);
        using Pkcs11Token again = SoftHsm.Open(uri);
    }

    [Fact]
    public void A_login_is_not_shared_with_a_token_of_the_same_names_in_another_slot()
    {
        CULong[] slots = [.. new[] { SoftHsm.NewToken(), SoftHsm.NewToken() }.Select(uri => SoftHsm.Module.SlotOf(Label(uri)))];
        s_info = SoftHsm.Module[RawModule.GetTokenInfo];
        using (SoftHsm.Module.Replace(RawModule.GetTokenInfo, (delegate* unmanaged[Cdecl]<CULong, CK_TOKEN_INFO*, CULong>)&SayTheSame))
        {
            using Pkcs11Token first = SoftHsm.Open($"pkcs11:slot-id={slots[0].Value}?module-path={SoftHsm.Library}");
            using Pkcs11Token second = SoftHsm.Open($"pkcs11:slot-id={slots[1].Value}?module-path={SoftHsm.Library}");

            Assert.Equal(first.SerialNumber, second.SerialNumber);
            Assert.Equal(slots, new[] { first, second }.Select(token => token.Connection.Do(0, static (functions, session, _) => functions.C_GetSessionInfo(session).slotID)));
        }
    }

    [Fact]
    public void A_login_that_somebody_else_made_is_used_and_left()
    {
        string uri = SoftHsm.NewToken();
        CULong theirs = SoftHsm.Module.Functions.C_OpenSession(SoftHsm.Module.SlotOf(Label(uri)));
        SoftHsm.Module.Functions.C_Login(theirs, Encoding.UTF8.GetBytes(SoftHsm.Pin));

        using (SoftHsm.Open(uri))
        {
        }

        Assert.Equal(CK.CKS_RW_USER_FUNCTIONS, SoftHsm.Module.Functions.C_GetSessionInfo(theirs).state.Value);
        SoftHsm.Module.Functions.C_CloseSession(theirs);
    }

    [Fact]
    public void A_pin_comes_from_a_private_file()
    {
        string uri = SoftHsm.NewToken();
        File.WriteAllText(_directory["pin"], SoftHsm.Pin + "\n");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        SetMode(_directory["pin"], UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Pkcs11Token.Open($"{uri}&pin-source=file:{_directory["pin"]}").Dispose();

        SetMode(_directory["pin"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Equal(
            KmsError.PermissionsTooWide, Assert.Throws<KmsException>(() => Pkcs11Token.Open($"{uri}&pin-source=file:{_directory["pin"]}")).Error);
        Pkcs11Token.Open($"{uri}&pin-source=file:{_directory["pin"]}", allowMountedSecret: true).Dispose();
    }

    [Fact]
    public void Module_slot_and_pin_come_from_the_environment()
    {
        _ = SoftHsm.NewToken();
        string label = Label(SoftHsm.NewToken());
        Assert.Throws<ArgumentException>(() => Pkcs11Token.FromEnvironment());
        try
        {
            Environment.SetEnvironmentVariable("KMS_PKCS11_LIB", SoftHsm.Library);
            Environment.SetEnvironmentVariable("KMS_PKCS11_SLOT", SoftHsm.Module.SlotOf(label).Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Environment.SetEnvironmentVariable("KMS_PKCS11_PIN", SoftHsm.Pin);

            // Who names a token gets what he named.
            Assert.Contains("PIN", Assert.Throws<ArgumentException>(() => Pkcs11Token.Open($"pkcs11:token={label}?module-path={SoftHsm.Library}")).Message, StringComparison.Ordinal);
            Assert.Contains("module", Assert.Throws<ArgumentException>(() => SoftHsm.Open($"pkcs11:token={label}")).Message, StringComparison.Ordinal);
            Assert.Equal(
                KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => SoftHsm.Open($"pkcs11:model=SoftHSM%20v2?module-path={SoftHsm.Library}")).Error);

            using Pkcs11Token token = Pkcs11Token.FromEnvironment();

            Assert.Equal(label, token.Label);
            Environment.SetEnvironmentVariable("KMS_PKCS11_SLOT", "first");
            Assert.Contains("KMS_PKCS11_SLOT", Assert.Throws<ArgumentException>(() => Pkcs11Token.FromEnvironment()).Message, StringComparison.Ordinal);
        }
        finally
        {
            foreach (string name in new[] { "KMS_PKCS11_LIB", "KMS_PKCS11_SLOT", "KMS_PKCS11_PIN" })
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }

    internal static string Label(string uri) => uri["pkcs11:token=".Length..uri.IndexOf('?', StringComparison.Ordinal)];

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static IDisposable CountingLogins()
    {
        s_login = SoftHsm.Module[RawModule.Login];
        s_logins = 0;
        return SoftHsm.Module.Replace(RawModule.Login, (delegate* unmanaged[Cdecl]<CULong, CULong, byte*, CULong, CULong>)&CountLogin);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong CountLogin(CULong session, CULong user, byte* pin, CULong length)
    {
        s_logins += user.Value == CK.CKU_USER ? 1 : 0;
        return ((delegate* unmanaged[Cdecl]<CULong, CULong, byte*, CULong, CULong>)s_login)(session, user, pin, length);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SayTheSame(CULong slot, CK_TOKEN_INFO* info)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CK_TOKEN_INFO*, CULong>)s_info)(slot, info);
        new Span<byte>(info, 32 + 32 + 16 + 16).Fill((byte)'x');
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong AddFlag(CULong slot, CK_TOKEN_INFO* info)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CK_TOKEN_INFO*, CULong>)s_info)(slot, info);
        info->flags = new CULong((uint)info->flags.Value | s_flag);
        return result;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong AnswerLogin(CULong session, CULong user, byte* pin, CULong length)
    {
        s_logins++;
        return new CULong((uint)s_loginAnswer);
    }
}

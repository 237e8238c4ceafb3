using System.Text;
using RonKms.Pkcs11.Tests.Modules;

namespace RonKms.Pkcs11.Tests.Interop;

/// <summary>A second module, of other makers and with C_GetInterface: NSS softokn, which browsers use.</summary>
public sealed class NssTests
{
    private const string Pin = "correct horse";
    private const string Label = "NSS Certificate DB";

    private static readonly string[] s_places =
        ["/usr/lib/x86_64-linux-gnu/libsoftokn3.so", "/usr/lib/x86_64-linux-gnu/nss/libsoftokn3.so", "/usr/lib/aarch64-linux-gnu/libsoftokn3.so", "/usr/lib64/libsoftokn3.so"];

    private static readonly Lazy<string> s_library = new(Start);

    [Fact]
    public void It_logs_in_and_a_key_that_it_does_not_vouch_for_is_refused()
    {
        using Pkcs11Token token = Open();
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(token));
        Assert.Equal(Label, token.Label);

        // It offers the mechanisms, makes the key, and does not say of it that it was made there.
        KmsException refusal = Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.P256));

        Assert.Equal(KmsError.AlgUnavailable, refusal.Error);
        Assert.Contains("CKA_LOCAL", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(keystore.List());
        Assert.Equal(0, Keys.TokenKeyTests.CountObjects(token));
        KeyId inSoftware = keystore.Create("acme", "p", KeyAlgorithm.X25519);
        Assert.Equal("software", keystore.Get(inSoftware).Backend);
    }

    [Fact]
    public void A_wrong_pin_is_denied()
    {
        string uri = $"pkcs11:token={Uri.EscapeDataString(Label)}?module-path={s_library.Value}";

        Assert.Equal(KmsError.Denied, Assert.Throws<KmsException>(() => Pkcs11Token.Open(uri, "incorrect pony"u8)).Error);
    }

    private static Pkcs11Token Open() => Pkcs11Token.Open($"pkcs11:token={Uri.EscapeDataString(Label)}?module-path={s_library.Value}", Encoding.UTF8.GetBytes(Pin));

    private static string Start()
    {
        string? library = Array.Find(s_places, File.Exists);
        Assert.SkipWhen(library is null, "NSS is not installed (Debian, Ubuntu: apt-get install libnss3).");
        string directory = Directory.CreateTempSubdirectory("ronkms-nss-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        RawModule module = new(library!);
        module.Initialize($"configdir='{directory}' certPrefix='' keyPrefix='' secmod='secmod.db'");
        module.InitPin(Label, Pin);
        return library!;
    }
}

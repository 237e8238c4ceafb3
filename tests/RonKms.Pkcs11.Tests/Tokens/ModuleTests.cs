using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;

namespace RonKms.Pkcs11.Tests.Tokens;

/// <summary>Libraries that are no modules.</summary>
public sealed class ModuleTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_module_that_is_not_there_is_named() => Refused("/nowhere/module.so", "no such file");

    [Fact]
    public void A_file_that_is_no_library_is_refused()
    {
        File.WriteAllText(_directory["text.so"], "not a library");

        Refused(_directory["text.so"], "no library");
    }

    [Fact]
    public void A_library_for_another_machine_is_refused()
    {
        byte[] library = File.ReadAllBytes(SoftHsm.Library);

        // e_machine of the ELF header: IBM S/390.
        library[18] = 22;
        library[19] = 0;
        File.WriteAllBytes(_directory["s390.so"], library);

        Refused(_directory["s390.so"], "not one for this machine");
    }

    [Fact]
    public void A_library_that_is_no_module_is_refused()
    {
        string? library = Array.Find(["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6", "/lib64/libm.so.6"], File.Exists);
        Assert.SkipWhen(library is null, "No library is where this test looks for one.");

        Refused(library!, "not a PKCS#11 module");
    }

    [Fact]
    public void A_relative_path_is_refused() => Assert.Throws<ArgumentException>(() => Pkcs11Token.Open("pkcs11:token=x?module-path=module.so", "1234"u8));

    [Fact]
    public void A_module_must_be_named() =>
        Assert.Contains("KMS_PKCS11_LIB", Assert.Throws<ArgumentException>(() => Pkcs11Token.Open("pkcs11:token=x", "1234"u8)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_module_before_version_3_2_is_not_asked_for_what_its_list_does_not_have()
    {
        Cryptoki functions = SoftHsm.Module.Functions;
        using AttributeTemplate template = new();

        Assert.False(functions.HasDecapsulation);
        Assert.Equal(
            CKR.CKR_FUNCTION_NOT_SUPPORTED,
            Assert.Throws<CryptokiException>(() => functions.C_DecapsulateKey(default, default, default, template, [])).Code);
    }

    private static void Refused(string module, string why)
    {
        KmsException refusal = Assert.Throws<KmsException>(() => Pkcs11Token.Open($"pkcs11:token=x?module-path={module}", "1234"u8));

        Assert.Equal(KmsError.TokenUnavailable, refusal.Error);
        Assert.Contains(module, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
    }
}

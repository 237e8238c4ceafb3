using System.Text.Json;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tests.Tokens;

namespace RonKms.Pkcs11.Tests.Interop;

/// <summary>OpenSC's pkcs11-tool sees what the library makes, and the library sees what the tool makes.</summary>
public sealed class Pkcs11ToolTests
{
    private readonly string _uri = SoftHsm.NewToken();

    private string Label => LoginTests.Label(_uri);

    [Fact]
    public void The_tool_sees_our_keys_and_they_do_not_leave()
    {
        using Pkcs11Token token = SoftHsm.Open(_uri);
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions().UsePkcs11(token));
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.P256);
        using JsonDocument attestation = JsonDocument.Parse(keystore.Attest(key).Json);
        string id = attestation.RootElement.GetProperty("custody").GetProperty("id").GetString()!;

        (int code, string objects) = PkcsTool("--list-objects", "--type", "privkey");

        Assert.True(code == 0, objects);
        Assert.Contains("RonKms p256", objects, StringComparison.Ordinal);
        Assert.Contains(id, objects, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("sensitive, always sensitive, never extractable, local", objects, StringComparison.Ordinal);
        Assert.Contains("Usage:      sign\n", objects, StringComparison.Ordinal);

        keystore.Destroy(key);
        Assert.DoesNotContain(id, PkcsTool("--list-objects").Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void We_see_a_key_that_the_tool_made()
    {
        (int code, string output) = PkcsTool("--keygen", "--key-type", "AES:32", "--label", "from-tool", "--id", "0102030405060708", "--sensitive", "--private", "--usage-wrap");
        Assert.True(code == 0, output);
        using Pkcs11Token token = SoftHsm.Open(_uri);

        // Another process made it while this one was logged in or not: SoftHSM shows it all the same.
        using Sealing.KeyEncryptionKey kek = token.OpenKek("from-tool");
        byte[] wrapped = kek.Wrap(new byte[32], out Sealing.KekDescription description);

        Assert.Contains("id=%01%02%03%04%05%06%07%08", description.GetString("uri"), StringComparison.Ordinal);
        Assert.True(kek.TryUnwrap(description, wrapped, new byte[32]));
    }

    private (int Code, string Output) PkcsTool(params string[] arguments) =>
        Tool.Run("pkcs11-tool", ["--module", SoftHsm.Library, "--token-label", Label, "--login", "--pin", SoftHsm.Pin, .. arguments]);
}

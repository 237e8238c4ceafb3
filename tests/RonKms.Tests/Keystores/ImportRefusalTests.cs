using System.Security.Cryptography;
using System.Text;

namespace RonKms.Tests.Keystores;

/// <summary>What is said of bytes that are not taken for a key.</summary>
public sealed class ImportRefusalTests : IDisposable
{
    private readonly Keystore _keystore = Keystore.InMemory();

    public void Dispose() => _keystore.Dispose();

    [Theory]
    [InlineData("p256", "")]
    [InlineData("ed25519", "\r\n ")]
    public void Pem_is_told_from_DER_with_how_to_convert_it(string algorithm, string before)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] pem = Encoding.ASCII.GetBytes(before + key.ExportPkcs8PrivateKeyPem());

        foreach (string message in Refusals(algorithm, pem))
        {
            Assert.Contains("PEM text, and a key is imported as DER", message, StringComparison.Ordinal);
            Assert.Contains("openssl pkcs8 -topk8 -outform DER -nocrypt", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(2048, "rsa3072")]
    [InlineData(1024, "rsa2048")]
    [InlineData(2056, "rsa2048")]
    public void An_RSA_key_of_another_size_is_told_by_it(int bits, string algorithm)
    {
        using RSA key = RSA.Create(bits);

        foreach (string message in Refusals(algorithm, key.ExportPkcs8PrivateKey()))
        {
            Assert.Contains($"an RSA key of {bits} bits, and not of {algorithm}", message, StringComparison.Ordinal);
            Assert.Contains("rsa2048, rsa3072 or rsa4096", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Other_bytes_are_not_a_well_formed_key()
    {
        using RSA rsa = RSA.Create(2048);
        byte[] damaged = rsa.ExportPkcs8PrivateKey();
        damaged[^1] ^= 1;

        Assert.All(Refusals("ed25519", new byte[31]), message => Assert.Contains("not a well-formed, consistent ed25519 key", message, StringComparison.Ordinal));
        Assert.All(Refusals("rsa2048", damaged), message => Assert.Contains("not a well-formed, consistent rsa2048 key", message, StringComparison.Ordinal));
    }

    private string[] Refusals(string algorithm, byte[] bytes)
    {
        KeyAlgorithm named = KeyAlgorithm.FindByName(algorithm)!;
        KmsException[] refusals =
        [
            Assert.Throws<KmsException>(() => _keystore.ImportPkcs8("acme", "p", named, bytes)),
            Assert.Throws<KmsException>(() => _keystore.Import("acme", "p", named, bytes)),
        ];
        Assert.All(refusals, refusal => Assert.Equal(KmsError.ImportRefused, refusal.Error));
        Assert.Empty(_keystore.List());
        return [.. refusals.Select(refusal => refusal.Message)];
    }
}
